"""The calendar and the rules as values."""

import csv
import io
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar, Due, LocalLimit, Rule, due, rules_from, rules_on
from directory.clock.models import CalendarDay, LocalRule
from directory.statements.prepared import Prepared
from directory.statements.question import Question
from standards import catalogue

REGULATION = "regulation2025-deadlines"
CALENDAR_LOCK: Final = 0x68757463616C  # "hutcal": shared by who starts a clock, alone by who saves a notice


_LIMITS: Final = select(LocalRule.rule_id, LocalRule.effective_on, LocalRule.limit_days, LocalRule.extension_days)


@cache
def rules() -> Mapping[str, Rule]:
    """The regulation's deadlines by id, read from the standard's table once."""
    return rules_from(csv.DictReader(io.StringIO(catalogue.read(REGULATION).decode("utf-8"))))


def local_limits(session: Session) -> tuple[LocalLimit, ...]:
    """Every local limit that was ever entered."""
    return tuple(LocalLimit(*row) for row in session.execute(_LIMITS))


def rule_for(session: Session, rule_id: str, received_on: date) -> Rule:
    """The rule for what is received on this day."""
    return rules_on(received_on, rules(), local_limits(session))[rule_id]


def count(session: Session, rule_id: str, received_on: date) -> Due:
    """When what was received on this day is due by this rule; until commit, no holiday notice is saved beside it."""
    limits, days = _COUNTED_BY(session, None)
    return due(received_on, rules_on(received_on, rules(), limits)[rule_id].limit_days, days)


def _counted_by(session: Session, keys: Collection[None]) -> Mapping[None, tuple[tuple[LocalLimit, ...], Calendar]]:
    session.execute(select(func.pg_advisory_xact_lock_shared(CALENDAR_LOCK)))
    return dict.fromkeys(keys, (local_limits(session), calendar(session)))


_COUNTED_BY: Final = Question(_counted_by, lasts=True)
"""What every term started in this transaction is counted by."""


def calendar(session: Session) -> Calendar:
    """The whole table as it stands now: about forty days a year.

    It is asked for anew every time, since who starts a term must count with what stands after ``CALENDAR_LOCK``; as it
    comes in three texts, what has not changed is put together once. What waits in the session is not written first.
    """
    return _calendar(*_CALENDAR.rows(session)[0])


@lru_cache(maxsize=4)
def _calendar(off: str, make_up: str, years: str) -> Calendar:
    off_days, make_up_days = (frozenset(map(_day, each.split())) for each in (off, make_up))
    return Calendar(off_days, make_up_days, frozenset(map(int, years.split())))


def _day(number: str) -> date:
    return date.fromordinal(_FIRST.toordinal() + int(number))


_FIRST: Final = date(1970, 1, 1)
_CALENDAR: Final = Prepared(
    "calendar",
    "SELECT coalesce(string_agg(number, ' ') FILTER (WHERE kind = 'off'), ''),"
    " coalesce(string_agg(number, ' ') FILTER (WHERE kind = 'make_up'), ''),"
    " (SELECT coalesce(string_agg(year::text, ' '), '') FROM calendar_year)"
    " FROM (SELECT kind, (day - DATE '1970-01-01')::text AS number FROM calendar_day) AS days",
)


def holiday_names(session: Session) -> Mapping[date, str]:
    """What each named day off belongs to."""
    query = select(CalendarDay.day, CalendarDay.name).where(CalendarDay.kind == "off", CalendarDay.name != "")
    return {row.day: row.name for row in session.execute(query)}
