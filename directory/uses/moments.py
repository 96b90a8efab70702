"""When a use has to be recorded, what was, and what is missing. Pure: no clock, no database.

Article 29 says what is recorded and for how long it is kept, not when: the moments are this project's, as data
(``occasions.csv``), the terms in working days.
"""

import calendar as months_of_years
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal

from directory.clock.deadlines import Calendar, Due, Light, due, light

State = Literal["kept", "asked", "late"]
_DAY: Final = timedelta(days=1)
MONTHS: Final = 12


class Occasion(StrEnum):
    """What a record is written at."""

    FIRST_DELIVERY = "first_delivery"
    PERIOD = "period"
    END = "end"


@dataclass(frozen=True)
class Rule:
    """One row of the table: how many working days a record may take, and which parts it has to have."""

    occasion: Occasion
    name: str
    within_days: int
    every_months: int
    asks: tuple[str, ...]
    article: int


@dataclass(frozen=True)
class Life:
    """A use in time: since when, until when if it is over, and whether its end is to be recorded.

    It is not where a renewal goes on with the same data: then the renewal's records go on too.
    """

    began_on: date
    ended_on: date | None = None
    owes_end: bool = False


@dataclass(frozen=True)
class Span:
    """A record that stands: nobody has put another in its place."""

    occasion: Occasion
    covers_from: date
    covers_until: date


@dataclass(frozen=True)
class Moment:
    """A time that a record has to speak of (both days included), by when, and whether one does."""

    rule: Rule
    begins_on: date
    ends_on: date
    term: Due
    state: State
    light: Light

    @property
    def occasion(self) -> Occasion:
        return self.rule.occasion


def rules_from(rows: Iterable[Mapping[str, str]]) -> Mapping[Occasion, Rule]:
    """The table's rows by occasion; ``ValueError`` or ``KeyError`` for a table that is not one."""
    return {
        Occasion(row["occasion"]): Rule(
            Occasion(row["occasion"]),
            row["name"],
            int(row["within_days"]),
            int(row["every_months"] or 0),
            tuple(row["asks"].split()),
            int(row["article"]),
        )
        for row in rows
    }


def later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last, as PostgreSQL counts."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    last = months_of_years.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def moments(
    life: Life, spans: Sequence[Span], today: date, days: Calendar, rules: Mapping[Occasion, Rule]
) -> tuple[Moment, ...]:
    """Every moment up to today, in time's order: the first delivery, each whole period of use, the end.

    The first delivery is answered by any record; a period by one that speaks of its last day; the end by one that
    says it is about the end.
    """
    found = [_moment(rules[Occasion.FIRST_DELIVERY], life.began_on, life.began_on, bool(spans), today, days)]
    last_day = min(life.ended_on or today, today - _DAY)
    period = rules[Occasion.PERIOD]
    for number in range(1, _most(life.began_on, last_day, period.every_months) + 1):
        begins_on = later(life.began_on, (number - 1) * period.every_months)
        ends_on = later(life.began_on, number * period.every_months) - _DAY
        if ends_on > last_day:
            break
        is_kept = any(each.covers_from <= ends_on <= each.covers_until for each in spans)
        found.append(_moment(period, begins_on, ends_on, is_kept, today, days))
    if life.owes_end and life.ended_on is not None:
        is_kept = any(each.occasion is Occasion.END for each in spans)
        begins_on = max((each.ends_on + _DAY for each in found[1:]), default=life.began_on)
        found.append(_moment(rules[Occasion.END], min(begins_on, life.ended_on), life.ended_on, is_kept, today, days))
    return tuple(found)


def _most(began_on: date, last_day: date, every_months: int) -> int:
    return max(0, ((last_day.year - began_on.year) * MONTHS + last_day.month - began_on.month) // every_months + 1)


def _moment(rule: Rule, begins_on: date, ends_on: date, is_kept: bool, today: date, days: Calendar) -> Moment:
    term = due(ends_on, rule.within_days, days)
    colour: Light = "green" if is_kept else light(term, today, days)
    return Moment(rule, begins_on, ends_on, term, "kept" if is_kept else "late" if colour == "red" else "asked", colour)
