"""A term accounted for day by day: the regulation's example by hand, and against the counting it explains."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from directory.clock.account import DAYS_SHOWN_LATE, account
from directory.clock.deadlines import due, working_days_between
from tests.directory.clock.test_deadlines import CALENDAR


def test_the_regulations_example_day_by_day() -> None:
    received, due_on = date(2025, 9, 30), date(2025, 10, 21)
    days = account(received, due_on, received, CALENDAR, {date(2025, 10, n): "国庆节、中秋节" for n in range(1, 9)})
    assert [(each.day.day, each.number) for each in days if each.number] == [
        (9, 1), (10, 2), (11, 3), (13, 4), (14, 5), (15, 6), (16, 7), (17, 8), (20, 9), (21, 10),
    ]  # fmt: skip
    words = {each.day.isoformat(): each.words for each in days}
    assert words["2025-09-30"] == "收到当日，不计"
    assert words["2025-10-04"] == "国庆节、中秋节放假，不计"
    assert words["2025-10-11"] == "调休上班，计入"
    assert words["2025-10-12"] == "周末，不计"
    assert words["2025-10-21"] == "工作日，计入"


@given(received=st.dates(date(2004, 1, 1), date(2027, 12, 31)), limit=st.integers(1, 40), later=st.integers(-400, 400))
def test_it_explains_what_was_counted(received: date, limit: int, later: int) -> None:
    due_on = due(received, limit, CALENDAR).due_on
    until = max(received, due_on + timedelta(days=later))
    days = account(received, due_on, until, CALENDAR, {})
    assert [each.day for each in days] == [received + timedelta(days=n) for n in range(len(days))]
    assert [each.number for each in days if each.number] == list(range(1, 1 + sum(bool(each.number) for each in days)))
    assert next(each.number for each in days if each.day == due_on) == limit
    assert {each.day for each in days if each.is_late} == {each.day for each in days if each.day > due_on}
    assert days[-1].day == min(max(due_on, until), due_on + timedelta(days=DAYS_SHOWN_LATE))
    late = [each for each in days if each.is_late and each.number]
    assert len(late) == working_days_between(due_on, days[-1].day, CALENDAR)
