"""What the request page shows beside the request itself: the term drawn day by day, its items, what was checked."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from directory.access.filter_words import filter_words
from directory.access.grant_models import GrantRow
from directory.access.grants import granted
from directory.access.models import RequestRow
from directory.access.moves import MOVES
from directory.access.said import PART_NAMES, Part
from directory.access.states import ENDS, Act, Stage, State
from directory.access.tables import resolve
from directory.access.views import RequestView
from directory.actors import Actor
from directory.clock.deadlines import Calendar, Due, working_days_between
from directory.clock.words import WEEKDAYS, Day, day_words, drawn_days, term_words
from directory.errors import DirectoryError
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record, seen_by
from metadata.access import AccessRequest
from metadata.resource import Item, Resource

PROGRESS: Final[Mapping[tuple[State, Stage], int]] = {
    (State.DRAFT, Stage.NONE): 1,
    (State.REQ_APPROVED, Stage.NONE): 2,
    (State.SUPPLEMENT_ASKED, Stage.NONE): 2,
    (State.SUBMITTED, Stage.ACCEPTANCE): 3,
    (State.SUBMITTED, Stage.PROVIDER): 4,
    (State.SUBMITTED, Stage.OFFICE): 4,
    (State.AGREED, Stage.NONE): 5,
    (State.PROVISIONED, Stage.NONE): 6,
    (State.ACTIVE, Stage.NONE): 6,
    (State.SUSPENDED, Stage.NONE): 6,
    (State.REFUSED, Stage.NONE): 4,
    **{(State.DISPUTED, stage): 4 for stage in Stage if (State.DISPUTED, stage) in MOVES},
    (State.SETTLED, Stage.NONE): 4,
    **{place: 6 for place in MOVES if place[0] in ENDS},
    (State.DISPOSED, Stage.NONE): 6,
    (State.DISCARDED, Stage.NONE): 1,
}
"""起草, 本部门批准, 受理, 答复, 会签, 使用: how many of the six a request has come to."""
PROGRESS_STEPS: Final = 6

SENSITIVE: Final = 4
_REPLY_KINDS: Final[Mapping[str, str]] = {"unconditional": "无条件共享", "conditional": "有条件共享"}


@dataclass(frozen=True)
class Term:
    """The running term: what is left in words, what it rests on, and its working days."""

    heading: str
    explanation: str
    due_on: date
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Check:
    """Something the system has compared; ``light`` is green, amber for what a person must judge, off for not yet."""

    light: str
    word: str
    sentence: str
    article: str


def term(row: RequestRow, calendar: Calendar, today: date) -> Term | None:
    """The term now running, drawn; None while none runs."""
    if row.counted_from is None or row.limit_days is None or row.due_on is None:
        return None
    passed = working_days_between(row.counted_from, today, calendar)
    left = term_words(row.due_on, today, calendar)
    heading = left if today > row.due_on or not passed else f"第 {passed} 日，{left}"
    if row.state == State.SUBMITTED:
        event, duty = "收到", f"{_REPLY_KINDS[row.share_type]}应在 {row.limit_days} 个工作日内答复（条例第 21 条）"
    else:
        event, duty = "同意", f"同意后应在 {row.limit_days} 个工作日内提供（条例第 22 条）"
    from_day = f"{day_words(row.counted_from, today)}（周{WEEKDAYS[row.counted_from.weekday()]}）"
    return Term(
        heading=heading,
        explanation=f"{from_day}{event}，次日起算；{duty}，周末与节假日不计。",
        due_on=row.due_on,
        days=drawn_days(Due(row.counted_from, row.limit_days, row.due_on), today, calendar),
    )


@dataclass(frozen=True)
class Table:
    """One of several tables that what is asked for is read from at one instant, and the names of its items."""

    name: str
    items: tuple[str, ...]


def tables(asked: AccessRequest, grants: Sequence[GrantRow], resource: Resource | None) -> list[Table]:
    """Those granted, else those that would be; none when one table or file has it all."""
    named: list[tuple[str, tuple[Item, ...]]] = []
    if grants:
        named = [(grant.table, grant.items) for grant in map(granted, grants)]
    elif resource is not None:
        with contextlib.suppress(DirectoryError):
            named = [(part.mount.table, part.items) for part in resolve(asked, resource).parts]
    return [Table(name, tuple(item.name for item in items)) for name, items in named] if len(named) > 1 else []


def items_of(
    session: Session, actor: Actor, row: RequestRow, asked: AccessRequest, grants: Sequence[GrantRow]
) -> list[Item]:
    """The items asked for as the grants have them, else as the entry declares them now, else by their field alone."""
    resource = entry_of(session, actor, row)
    known = {item.field: item for item in resource.items} if resource else {}
    known |= {item.field: item for grant in grants for item in granted(grant).items}
    return [known.get(name) or Item(name=name, field=name) for name in asked.items]


def entry_of(session: Session, actor: Actor, row: RequestRow) -> Resource | None:
    """The published entry, if this reader may still see it: it may have been suspended since."""
    try:
        entry = session.get_one(ResourceEntry, row.resource_id)
        return published_record(session, seen_by(session, actor, entry, str(entry.id)))
    except DirectoryError:
        return None


def rows_wanted(asked: AccessRequest, items: Sequence[Item]) -> str:
    """The row filter in words."""
    return filter_words(asked.row_filter, {item.field: item.name for item in items})


def checks(
    view: RequestView, items: Sequence[Item], resource: Resource | None, left: Sequence[Part] = ()
) -> list[Check]:
    """What the law asks for and can be read off the request, and what is left to the reader's judgement; ``left`` is
    what a notice found missing and nobody has touched since.
    """
    found = [Check("green", "符合", "使用依据、场景、范围、方式、时限齐全，已承诺真实、合法、必要", "第 20 条")]
    if left:
        missing = "、".join(PART_NAMES[part] for part in left)
        found = [Check("amber", "待补正", f"补正通知列出、还没有改：{missing}", "第 21 条")]
    endorsed = _endorsement(view)
    if endorsed:
        found.append(Check("green", "符合", f"{view.requester_name}共享工作机构负责人已同意提交", "第 20 条"))
    else:
        found.append(Check("off", "尚未", f"待{view.requester_name}共享工作机构负责人同意", "第 20 条"))
    sensitive = sum(item.sensitivity == SENSITIVE for item in items)
    if sensitive:
        found.append(Check("amber", "请您判断", f"敏感个人信息 {sensitive} 项，是否必要", "第 20、37 条"))
    else:
        found.append(Check("green", "符合", "不含敏感个人信息", "第 37 条"))
    if resource is not None and resource.sharing.share_type == view.share_type == "conditional":
        published = "；".join(
            part
            for part in (resource.sharing.conditions, resource.sharing.scope, "、".join(resource.sharing.purposes))
            if part
        )
        found.append(Check("amber", "请您判断", f"是否在目录公布的条件、范围、用途之内：{published}", "第 15 条"))
    if view.needs_office_approval:
        found.append(Check("off", "须知", "目录公布的条件要求信息办一并审批", "第 20 条"))
    return found


def _endorsement(view: RequestView) -> bool:
    """Whether the requester's own lead approved the text as it stands now."""
    is_endorsed = False
    for step in view.steps:
        if step.act in (Act.CREATED, Act.AMENDED):
            is_endorsed = False
        elif step.act is Act.REQ_APPROVED:
            is_endorsed = True
    return is_endorsed
