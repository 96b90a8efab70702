"""Working-day arithmetic over a calendar value. Pure: no clock, no database.

The day of the event is not counted (民法典 Art. 201); rest days do not count and make-up days (调休) do, so the last
day is always a working day, which is what Art. 203 asks for where it would fall on a rest day. Days are Shanghai's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5

Light = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. ``years`` are those whose State Council notice is known.

    In other years Monday to Friday count as worked, and whoever shows the result says so (``unknown_years``).
    """

    off_days: frozenset[date]
    make_up_days: frozenset[date]
    years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        if day in self.make_up_days:
            return True
        return day.weekday() < SATURDAY and day not in self.off_days

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years touched by this span, both ends included, for which no notice is known."""
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.years)


@dataclass(frozen=True)
class Rule:
    """One deadline of the regulation, in working days, with the article it stands in and how far it may be extended."""

    rule_id: str
    article: int
    limit_days: int
    extension_days: int


@dataclass(frozen=True)
class LocalLimit:
    """A limit that holds in one place for what is received from a day on."""

    rule_id: str
    effective_on: date
    limit_days: int
    extension_days: int


@dataclass(frozen=True)
class Due:
    """A due date and what it was computed from; ``unknown_years`` not empty means that it may still move."""

    received_on: date
    limit_days: int
    due_on: date
    unknown_years: tuple[int, ...] = ()


def day_of(at: datetime) -> date:
    """The Shanghai day of an aware instant; raises ``ValueError`` for a naive one, which is a programming error."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(SHANGHAI).date()


def due(received_on: date, limit_days: int, calendar: Calendar) -> Due:
    """The last of ``limit_days`` working days after the day of receipt; ``ValueError`` for a limit below one."""
    if limit_days < 1:
        raise ValueError("a limit is at least one working day")
    day, left = received_on, limit_days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return Due(received_on, limit_days, day, calendar.unknown_years(received_on, day))


@lru_cache(maxsize=4096)  # a list asks the same of many: there are few different terms
def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """How many working days lie after the first day, up to and including the second; 0 when it is not later."""
    span = range(1, (until - after).days + 1)
    return sum(calendar.is_working_day(after + timedelta(days=n)) for n in span)


def light(matter: Due, today: date, calendar: Calendar) -> Light:
    """Red after the due day, which is the law's; amber, this house's own, once half the limit has passed, and at once
    where it is one day. Days are working days.
    """
    if today > matter.due_on:
        return "red"
    passed = working_days_between(matter.received_on, today, calendar)
    return "amber" if matter.limit_days == 1 or 2 * passed >= matter.limit_days else "green"


def rules_on(received_on: date, national: Mapping[str, Rule], local: Iterable[LocalLimit]) -> Mapping[str, Rule]:
    """The rules for what is received on this day: the regulation's, and where a local one is shorter, that.

    Of several local limits the latest that holds already counts. None makes a term longer, whatever it says.
    """
    found = dict(national)
    for limit in sorted(local, key=lambda each: each.effective_on):
        if limit.effective_on <= received_on:
            rule = national[limit.rule_id]
            found[limit.rule_id] = replace(
                rule,
                limit_days=min(rule.limit_days, limit.limit_days),
                extension_days=min(rule.extension_days, limit.extension_days),
            )
    return found


def rules_from(rows: Iterable[Mapping[str, str]]) -> Mapping[str, Rule]:
    """The deadlines of one jurisdiction's table (``regulation2025-deadlines``), by id.

    Raises ``ValueError`` or ``KeyError`` for a table that is not one: it must not be counted with.
    """
    rules = [Rule(row["id"], int(row["article"]), int(row["limit_days"]), int(row["extension_days"])) for row in rows]
    return {rule.rule_id: rule for rule in rules}
