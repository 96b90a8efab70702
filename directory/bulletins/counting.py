"""What happened to published entries, read from their steps: which kind each step is, and how many there are a day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from directory.clock.deadlines import SHANGHAI
from directory.resources.models import ResourceStep
from directory.resources.states import PUBLIC_STEPS


class Kind(StrEnum):
    """What happened to an entry that every department finds."""

    PUBLISHED = "published"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"


KINDS: Final[Mapping[Kind, str]] = {
    Kind.PUBLISHED: "新发布",
    Kind.CHANGED: "变更",
    Kind.SUSPENDED: "暂停",
    Kind.RESUMED: "恢复",
    Kind.WITHDRAWN: "撤销",
}
_DAY: Final = timedelta(days=1)
_OTHERS: Final = {"suspend": Kind.SUSPENDED, "resume": Kind.RESUMED, "withdraw": Kind.WITHDRAWN}


def midnight(day: date) -> datetime:
    """The first instant of a Shanghai day; of the very first, which begins before instants do, the next one's."""
    return datetime.combine(max(day, date.min + _DAY), time(), SHANGHAI).astimezone(UTC)


def next_day(day: date) -> date:
    """The day after; after the last that can be written there is none."""
    return min(day, date.max - _DAY) + _DAY


def is_public_step() -> ColumnElement[bool]:
    """The condition of a step of which every department is to hear."""
    return ResourceStep.step.in_(PUBLIC_STEPS)


def kind() -> ColumnElement[str]:
    """Of which kind a public step is: the first publication is new, each later one a change."""
    earlier = aliased(ResourceStep)
    is_again = exists().where(
        earlier.resource_id == ResourceStep.resource_id, earlier.seq < ResourceStep.seq, earlier.step == "publish"
    )
    whens = [(ResourceStep.step == step, name.value) for step, name in _OTHERS.items()]
    return case(
        (and_(ResourceStep.step == "publish", is_again), Kind.CHANGED.value), *whens, else_=Kind.PUBLISHED.value
    )


def first_day(session: Session, since: date | None) -> datetime | None:
    """When the first public step from a day on was taken; None where there is none."""
    query = select(ResourceStep.decided_at).where(is_public_step(), *_since(since))
    return session.scalar(query.order_by(ResourceStep.decided_at).limit(1))


def counted(session: Session, since: date | None, until: date | None) -> Mapping[date, Mapping[str, int]]:
    """Of each day from ``since`` on and before ``until`` on which there were any, how many of each kind."""
    before = [] if until is None else [ResourceStep.decided_at < midnight(until)]
    day: ColumnElement[Any] = func.date(func.timezone("Asia/Shanghai", ResourceStep.decided_at)).label("day")
    each = select(day, kind().label("kind")).where(is_public_step(), *_since(since), *before).subquery()
    found: dict[date, dict[str, int]] = {}
    for row in session.execute(select(each.c.day, each.c.kind, func.count()).group_by(each.c.day, each.c.kind)):
        found.setdefault(row[0], {kind.value: 0 for kind in Kind})[row[1]] = row[2]
    return found


def _since(day: date | None) -> list[ColumnElement[bool]]:
    return [] if day is None else [ResourceStep.decided_at >= midnight(day)]
