"""On which days of a term somebody is reminded, drawn by hand and against the lights."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.clock.deadlines import Calendar, due, light, working_days_between
from directory.reminders.rules import ReminderRule, come, day_of_rule

OCTOBER = Calendar(
    off_days=frozenset(date(2025, 10, day) for day in range(1, 9)),
    make_up_days=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
    years=frozenset({2025}),
)
HALF = ReminderRule("half", "half", 0, "responsible")
BEFORE = ReminderRule("before", "before", 1, "responsible")
DUE = ReminderRule("due", "due", 0, "responsible")
AFTER = ReminderRule("overdue", "after", 1, "responsible")
SECOND = ReminderRule("overdue-head", "after", 3, "head")
ASKER = ReminderRule("overdue-asker", "after", 1, "asker")
RULES = (HALF, BEFORE, DUE, AFTER, SECOND, ASKER)


@pytest.mark.parametrize(
    ("rule", "on"),
    [
        (HALF, date(2025, 10, 14)),  # the fifth of ten working days, across the holiday and its make-up Saturday
        (BEFORE, date(2025, 10, 20)),
        (DUE, date(2025, 10, 21)),
        (AFTER, date(2025, 10, 22)),
        (SECOND, date(2025, 10, 24)),
    ],
)
def test_ten_days_from_the_eve_of_the_holiday(rule: ReminderRule, on: date) -> None:
    term = due(date(2025, 9, 30), 10, OCTOBER)
    assert term.due_on == date(2025, 10, 21)
    assert day_of_rule(rule, term, OCTOBER) == on


def test_of_a_day_nothing_is_before_its_receipt() -> None:
    term = due(date(2025, 9, 30), 1, OCTOBER)
    assert [day_of_rule(rule, term, OCTOBER) for rule in (HALF, BEFORE, DUE)] == [
        date(2025, 9, 30),
        date(2025, 9, 30),
        date(2025, 10, 9),
    ]


def test_a_use_is_counted_in_days() -> None:
    term = due(date(2025, 10, 20), 1, OCTOBER)
    rule = ReminderRule("expiring-30", "expiring", 30, "asker")
    assert day_of_rule(rule, term, OCTOBER) == term.due_on - timedelta(days=30)


def test_whoever_was_away_hears_the_latest() -> None:
    term = due(date(2025, 9, 30), 10, OCTOBER)
    assert come(RULES, term, date(2025, 10, 13), OCTOBER).every == ()
    found = come(RULES, term, date(2025, 10, 22), OCTOBER)
    assert set(found.every) == {HALF, BEFORE, DUE, AFTER, ASKER}
    assert set(found.latest) == {AFTER, ASKER}
    assert set(come(RULES, term, date(2025, 12, 1), OCTOBER).latest) == {AFTER, ASKER, SECOND}


@settings(max_examples=60)
@given(
    st.dates(date(2025, 1, 1), date(2025, 11, 1)),
    st.integers(1, 30),
    st.integers(0, 60),
    st.sets(st.dates(date(2025, 1, 1), date(2025, 12, 31)), max_size=40),
)
def test_days_are_those_of_the_lights(start: date, limit: int, on: int, off: set[date]) -> None:
    days = Calendar(frozenset(off), frozenset(), frozenset({2025}))
    term = due(start, limit, days)
    today = start + timedelta(days=on)
    found = set(come(RULES, term, today, days).every)
    assert (HALF in found) == (light(term, today, days) != "green" or today > term.due_on)
    assert (DUE in found) == (today >= term.due_on)
    assert (AFTER in found) == (working_days_between(term.due_on, today, days) >= 1)
    assert (SECOND in found) == (working_days_between(term.due_on, today, days) >= 3)
    assert found >= set(come(RULES, term, today - timedelta(days=1), days).every)
