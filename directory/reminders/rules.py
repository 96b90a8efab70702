"""On which days of a term somebody is reminded. Pure: no clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from directory.clock.deadlines import Calendar, Due, light

Moment = Literal["half", "before", "due", "after", "expiring", "waiting"]
Audience = Literal["responsible", "head", "asker"]

_ORDER: Final = ("half", "before", "due", "after", "expiring", "waiting")
_MOST_DAYS: Final = 400  # no half of a term and no gap between working days is longer


@dataclass(frozen=True)
class ReminderRule:
    """``days`` are working days before or after the due day, days before the last day of a use (``expiring``), and
    working days since what has no term began to wait (``waiting``). ``subject`` is what the rule is about.

    ``audience`` is whoever has to act, the head above them (the second reminder), or the department that asked.
    """

    rule_id: str
    moment: Moment
    days: int
    audience: Audience
    subject: str = "request"


def day_of_rule(rule: ReminderRule, term: Due, days: Calendar) -> date:
    """The day on which this rule reminds of this term; never before the day the term is counted from."""
    match rule.moment:
        case "half":
            day = term.received_on
            for _ in range(_MOST_DAYS):
                if light(term, day, days) != "green":
                    break
                day += timedelta(days=1)
            return day
        case "before":
            return max(_worked(term.due_on, -rule.days, days), term.received_on)
        case "waiting":
            return _worked(term.received_on, rule.days, days)
        case "after":
            return _worked(term.due_on, rule.days, days)
        case "expiring":
            return term.due_on - timedelta(days=rule.days)
        case _:
            return term.due_on


@dataclass(frozen=True)
class Come:
    """The rules whose day has come: all of them, and of each audience the latest, which is the one worth saying."""

    every: tuple[ReminderRule, ...]
    latest: tuple[ReminderRule, ...]


def come(rules: Iterable[ReminderRule], term: Due, today: date, days: Calendar) -> Come:
    """What has come of a term by this day; whoever was away hears the latest only."""
    dated = [(day_of_rule(rule, term, days), _ORDER.index(rule.moment), rule.days, rule) for rule in rules]
    passed = sorted((each for each in dated if each[0] <= today), key=lambda each: (*each[:3], each[3].rule_id))
    latest = {rule.audience: rule for *_, rule in passed}
    return Come(tuple(rule for *_, rule in passed), tuple(latest.values()))


def _worked(day: date, number: int, days: Calendar) -> date:
    """So many working days on, or back where the number is negative."""
    step = timedelta(days=1 if number > 0 else -1)
    left = abs(number)
    for _ in range(_MOST_DAYS):
        if not left:
            break
        day += step
        left -= days.is_working_day(day)
    return day
