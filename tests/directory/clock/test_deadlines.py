"""Working days: the regulation's own example, a naive counter as oracle, and the notices as a second source."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.clock.deadlines import Calendar, Due, day_of, due, light, rules_from, working_days_between
from directory.clock.queries import rules
from directory.clock.seed import notice_days
from directory.clock.words import drawn_days

NOTICES = Path(__file__).parents[4] / "shared" / "data" / "holidays"


def seeded() -> Calendar:
    days = notice_days()
    return Calendar(
        off_days=frozenset(day.day for day in days if day.kind == "off"),
        make_up_days=frozenset(day.day for day in days if day.kind == "make_up"),
        years=frozenset(day.day.year for day in days if day.kind == "off"),
    )


CALENDAR = seeded()
DATES = st.dates(date(2004, 1, 1), date(2026, 11, 30))


@pytest.mark.parametrize(("limit", "expected"), [(1, date(2025, 10, 9)), (10, date(2025, 10, 21))])
def test_the_regulations_example(limit: int, expected: date) -> None:
    assert due(date(2025, 9, 30), limit, CALENDAR) == Due(date(2025, 9, 30), limit, expected)


def test_received_on_a_rest_day_counts_from_the_next_working_day() -> None:
    assert due(date(2025, 10, 4), 1, CALENDAR).due_on == date(2025, 10, 9)


def test_a_make_up_saturday_is_worked() -> None:
    assert due(date(2025, 10, 10), 1, CALENDAR).due_on == date(2025, 10, 11)


@given(received_on=DATES, limit=st.integers(1, 40))
def test_equals_counting_day_by_day_with_the_package(received_on: date, limit: int) -> None:
    left, day = limit, received_on
    while left:
        day += timedelta(days=1)
        if day.year > 2026:
            return  # the oracle raises outside its years
        if chinese_calendar.is_workday(day):
            left -= 1
    matter = due(received_on, limit, CALENDAR)
    assert matter.due_on == day
    assert working_days_between(received_on, day, CALENDAR) == limit
    assert CALENDAR.is_working_day(matter.due_on)


@given(received_on=DATES, limit=st.integers(1, 30))
def test_later_receipt_or_longer_limit_is_never_due_earlier(received_on: date, limit: int) -> None:
    here = due(received_on, limit, CALENDAR).due_on
    assert due(received_on + timedelta(days=1), limit, CALENDAR).due_on >= here
    assert due(received_on, limit + 1, CALENDAR).due_on > here


@given(
    day=DATES,
    off_days=st.frozensets(DATES, max_size=40),
    make_up_days=st.frozensets(DATES, max_size=40),
    length=st.integers(0, 60),
)
def test_counting_any_calendar(
    day: date, off_days: frozenset[date], make_up_days: frozenset[date], length: int
) -> None:
    calendar = Calendar(off_days, make_up_days, frozenset())
    naive, at = 0, day
    for _ in range(length):
        at += timedelta(days=1)
        if at in make_up_days or (at not in off_days and at.strftime("%a") not in ("Sat", "Sun")):
            naive += 1
    assert working_days_between(day, at, calendar) == naive


def test_the_seed_agrees_with_the_state_council_notices() -> None:
    if not NOTICES.is_dir():
        pytest.skip("../shared/data/holidays is not here")
    days = {}
    years = set()
    for file in sorted(NOTICES.glob("holiday_cn_*.json")):
        notice = json.loads(file.read_bytes())
        for entry in notice["days"]:  # a notice also names days of the year before and after
            days[date.fromisoformat(entry["date"])] = entry["isOffDay"]
            years.add(notice["year"])
    assert years == set(range(2007, 2027))
    day = date(2008, 1, 1)
    while day < date(2026, 12, 1):
        is_off = days.get(day, day.weekday() >= 5)
        assert CALENDAR.is_working_day(day) == (not is_off), day
        day += timedelta(days=1)


def test_a_year_without_notice_counts_monday_to_friday_and_says_so() -> None:
    matter = due(date(2026, 12, 31), 10, CALENDAR)
    assert matter.due_on == date(2027, 1, 14)
    assert matter.unknown_years == (2027,)
    assert due(date(2025, 9, 30), 10, CALENDAR).unknown_years == ()


def test_a_day_is_a_day_in_shanghai() -> None:
    assert day_of(datetime(2025, 9, 29, 16, 0, tzinfo=UTC)) == date(2025, 9, 30)
    assert day_of(datetime(2025, 9, 29, 15, 59, tzinfo=UTC)) == date(2025, 9, 29)
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2025, 9, 30))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2025, 9, 30), "green"),
        (date(2025, 10, 12), "green"),
        (date(2025, 10, 14), "amber"),
        (date(2025, 10, 21), "amber"),
        (date(2025, 10, 22), "red"),
    ],
)
def test_light_of_ten_days(today: date, expected: str) -> None:
    assert light(due(date(2025, 9, 30), 10, CALENDAR), today, CALENDAR) == expected


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2025, 9, 30), "amber"), (date(2025, 10, 9), "amber"), (date(2025, 10, 10), "red")]
)
def test_light_of_one_day_is_amber_at_once(today: date, expected: str) -> None:
    assert light(due(date(2025, 9, 30), 1, CALENDAR), today, CALENDAR) == expected


def test_the_rules_come_from_the_standard() -> None:
    limits = {rule.rule_id: (rule.limit_days, rule.article) for rule in rules().values()}
    assert limits["REPLY_UNCONDITIONAL"] == (1, 21)
    assert limits["REPLY_CONDITIONAL"] == (10, 21)
    assert limits["PROVIDE"] == (20, 22)
    assert limits["CAT_REVIEW_PUBLISH"] == (2, 17)
    update = rules()["CAT_UPDATE"]
    assert (update.limit_days, update.article, update.extension_days) == (10, 17, 5)


def test_a_term_is_drawn_in_its_working_days() -> None:
    today = date(2025, 10, 13)
    drawn = drawn_days(due(date(2025, 9, 30), 10, CALENDAR), today, CALENDAR)
    assert [cell.day for cell in drawn[:4]] == ["10-09", "10-10", "10-11", "10-13"]  # the Saturday is worked
    assert [cell.light for cell in drawn] == ["green"] * 4 + ["amber"] * 6 + ["red"]
    assert [cell.word for cell in drawn] == [*"四五六", "今天", *"二三四五一", "截止", "起超期"]
    assert [cell.is_today for cell in drawn].index(True) == 3
    assert [cell.is_past for cell in drawn] == [True] * 3 + [False] * 8


def test_a_day_of_another_year_has_its_year_apart() -> None:
    drawn = drawn_days(due(date(2025, 12, 29), 10, CALENDAR), date(2025, 12, 30), CALENDAR)
    assert {(cell.year, len(cell.day)) for cell in drawn} == {("", 5), ("2026", 5)}
    assert (drawn[0].day, drawn[-1].year) == ("12-30", "2026")


@pytest.mark.parametrize("row", [{}, {"id": "X", "article": "21", "limit_days": "ten"}])
def test_a_table_that_is_none_is_not_counted_with(row: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        rules_from([row])
