"""The calendar and the rules as values."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar, Due, LocalLimit, Rule, due, rules_from, rules_on
from directory.clock.models import CalendarDay, CalendarYear, LocalRule
from standards import catalogue

REGULATION = "regulation2025-deadlines"
CALENDAR_LOCK: Final = 0x68757463616C  # "hutcal": shared by who starts a clock, alone by who saves a notice


@cache
def rules() -> Mapping[str, Rule]:
    """The regulation's deadlines by id, read from the standard's table once."""
    return rules_from(csv.DictReader(io.StringIO(catalogue.read(REGULATION).decode("utf-8"))))


def local_limits(session: Session) -> tuple[LocalLimit, ...]:
    """Every local limit that was ever entered."""
    return tuple(
        LocalLimit(row.rule_id, row.effective_on, row.limit_days, row.extension_days)
        for row in session.scalars(select(LocalRule))
    )


def rule_for(session: Session, rule_id: str, received_on: date) -> Rule:
    """The rule for what is received on this day."""
    return rules_on(received_on, rules(), local_limits(session))[rule_id]


def count(session: Session, rule_id: str, received_on: date) -> Due:
    """When what was received on this day is due by this rule; until commit, no holiday notice is saved beside it."""
    session.execute(select(func.pg_advisory_xact_lock_shared(CALENDAR_LOCK)))
    return due(received_on, rule_for(session, rule_id, received_on).limit_days, calendar(session))


def calendar(session: Session) -> Calendar:
    """The whole table: about forty days a year."""
    days = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return Calendar(
        off_days=frozenset(day for day, kind in days if kind == "off"),
        make_up_days=frozenset(day for day, kind in days if kind == "make_up"),
        years=frozenset(session.scalars(select(CalendarYear.year))),
    )


def holiday_names(session: Session) -> Mapping[date, str]:
    """What each named day off belongs to."""
    query = select(CalendarDay.day, CalendarDay.name).where(CalendarDay.kind == "off", CalendarDay.name != "")
    return {row.day: row.name for row in session.execute(query)}
