"""A term as it is printed and put before somebody: the rule, the days it was counted over, how it ended. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from directory.clock.account import AccountedDay, account
from directory.clock.deadlines import Calendar, Due, Light, day_of, due, light, working_days_between
from directory.clock.words import unknown_year_words


class KeptTerm(Protocol):
    """A term as any feature keeps it: once counted it stays, and what ended it stands beside."""

    rule_id: str
    counted_from: date
    limit_days: int
    extension_days: int
    due_on: date
    started_at: datetime
    stopped_at: datetime | None
    outcome: str | None


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


def term_line(
    term: KeptTerm,
    today: date,
    days: Calendar,
    names: Mapping[date, str],
    *,
    name: str,
    article: int,
    outcomes: Mapping[str, str],
) -> TermLine:
    """The term accounted for to ``today``; ``names`` are the holidays', ``outcomes`` what its ends are called."""
    until = day_of(term.stopped_at) if term.stopped_at else today
    recounted = due(term.counted_from, term.limit_days, days).due_on
    counted = Due(term.counted_from, term.limit_days, term.due_on)
    return TermLine(
        rule_id=term.rule_id,
        name=name,
        article=article,
        received_on=term.counted_from,
        limit_days=term.limit_days,
        extension_days=term.extension_days,
        due_on=term.due_on,
        started_at=term.started_at,
        stopped_at=term.stopped_at,
        outcome=term.outcome,
        outcome_name=outcomes[term.outcome] if term.outcome else "正在计时",
        light=light(counted, until, days),
        until=until,
        late_days=working_days_between(term.due_on, until, days),
        recounted_due_on=recounted if recounted != term.due_on else None,
        warnings=unknown_year_words(days.unknown_years(term.counted_from, term.due_on)),
        days=tuple(_day(each) for each in account(term.counted_from, term.due_on, until, days, names)),
    )


def _day(each: AccountedDay) -> DayLine:
    return DayLine(day=each.day, kind=each.kind, words=each.words, number=each.number, is_late=each.is_late)
