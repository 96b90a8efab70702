"""The calendar and the rules as values."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar, Due, Rule, due, rules_from
from directory.clock.models import CalendarDay, CalendarYear
from standards import catalogue

REGULATION = "regulation2025-deadlines"


@cache
def rules() -> Mapping[str, Rule]:
    """The regulation's deadlines by id, read from the standard's table once."""
    return rules_from(csv.DictReader(io.StringIO(catalogue.read(REGULATION).decode("utf-8"))))


def count(session: Session, rule_id: str, received_on: date) -> Due:
    """When what was received on this day is due by this rule."""
    return due(received_on, rules()[rule_id].limit_days, calendar(session))


def calendar(session: Session) -> Calendar:
    """The whole table: about forty days a year."""
    days = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return Calendar(
        off_days=frozenset(day for day, kind in days if kind == "off"),
        make_up_days=frozenset(day for day, kind in days if kind == "make_up"),
        years=frozenset(session.scalars(select(CalendarYear.year))),
    )
