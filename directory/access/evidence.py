"""时限证据单: every term of a request, each day accounted for, as it can be printed and put before somebody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.clocks import clocks_of
from directory.access.models import RequestClock
from directory.access.queries import request_row
from directory.actors import Actor
from directory.clock.account import AccountedDay, account
from directory.clock.deadlines import Calendar, Due, Light, day_of, due, light, working_days_between
from directory.clock.queries import calendar, holiday_names, rules
from directory.clock.words import unknown_year_words
from directory.organisations.queries import organisation

TERM_NAMES: Final[Mapping[str, str]] = {
    "REPLY_UNCONDITIONAL": "答复（无条件共享）",
    "REPLY_CONDITIONAL": "答复（有条件共享）",
    "PROVIDE": "提供数据",
}
OUTCOME_NAMES: Final[Mapping[str, str]] = {
    "supplement": "通知补正，补齐后重新计算",
    "answered": "已答复",
    "provided": "首批数据已入库",
    "ended": "授权终止",
}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class DayLine(_View):
    """One day of a term, why it counts or not, and its number if it does."""

    day: date
    kind: str
    words: str
    number: int | None
    is_late: bool


class TermLine(_View):
    """One term: the rule and its article, the days it was counted over, and how it ended.

    ``late_days`` are the working days past the due day to ``until``, the day it stopped or today.
    ``recounted_due_on`` is what today's calendar would give, where it differs: a notice entered later does not move a
    term that has ended.
    """

    rule_id: str
    name: str
    article: int
    received_on: date
    limit_days: int
    extension_days: int
    due_on: date
    started_at: datetime
    stopped_at: datetime | None
    outcome: str | None
    outcome_name: str
    light: Light
    late_days: int
    until: date
    recounted_due_on: date | None
    warnings: tuple[str, ...]
    days: tuple[DayLine, ...]


class EvidenceView(_View):
    """Every term of a request, oldest first."""

    request_id: UUID
    resource_title: str
    requester_name: str
    provider_name: str
    first_submitted_at: datetime | None
    drawn_on: date
    terms: tuple[TermLine, ...]


def evidence(session: Session, actor: Actor, request_id: UUID, today: date) -> EvidenceView:
    """The terms of a request that this actor sees; raises ``REQUEST_NOT_FOUND``."""
    row = request_row(session, actor, request_id)
    days, names = calendar(session), holiday_names(session)
    return EvidenceView(
        request_id=row.id,
        resource_title=row.resource_title,
        requester_name=organisation(session, row.requester_org).name,
        provider_name=organisation(session, row.provider_org).name,
        first_submitted_at=row.first_submitted_at,
        drawn_on=today,
        terms=tuple(_term(clock, today, days, names) for clock in clocks_of(session, row)),
    )


def _term(clock: RequestClock, today: date, days: Calendar, names: Mapping[date, str]) -> TermLine:
    until = day_of(clock.stopped_at) if clock.stopped_at else today
    recounted = due(clock.counted_from, clock.limit_days, days).due_on
    term = Due(clock.counted_from, clock.limit_days, clock.due_on)
    return TermLine(
        rule_id=clock.rule_id,
        name=TERM_NAMES[clock.rule_id],
        article=rules()[clock.rule_id].article,
        received_on=clock.counted_from,
        limit_days=clock.limit_days,
        extension_days=clock.extension_days,
        due_on=clock.due_on,
        started_at=clock.started_at,
        stopped_at=clock.stopped_at,
        outcome=clock.outcome,
        outcome_name=OUTCOME_NAMES[clock.outcome] if clock.outcome else "正在计时",
        light=light(term, until, days),
        until=until,
        late_days=working_days_between(clock.due_on, until, days),
        recounted_due_on=recounted if recounted != clock.due_on else None,
        warnings=unknown_year_words(days.unknown_years(clock.counted_from, clock.due_on)),
        days=tuple(_day(each) for each in account(clock.counted_from, clock.due_on, until, days, names)),
    )


def _day(each: AccountedDay) -> DayLine:
    return DayLine(day=each.day, kind=each.kind, words=each.words, number=each.number, is_late=each.is_late)
