"""When a use has to be recorded: the moments, against days drawn at random, and PostgreSQL's own counting of months."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from directory.clock.deadlines import Calendar
from directory.uses.moments import Life, Occasion, Span, later, moments
from directory.uses.queries import rules

DAYS = Calendar(frozenset(), frozenset(), frozenset())
DAY = timedelta(days=1)
dates = st.dates(date(2025, 8, 1), date(2034, 12, 31))


def said(occasion: Occasion, first: date, last: date) -> Span:
    return Span(occasion, first, last)


def test_a_use_in_its_first_weeks_owes_its_first_record_only() -> None:
    life = Life(date(2026, 1, 31))
    [first] = moments(life, (), date(2026, 2, 20), DAYS, rules())
    assert (first.occasion, first.state, first.term.due_on) == (Occasion.FIRST_DELIVERY, "late", date(2026, 2, 13))
    [kept] = moments(life, [said(Occasion.FIRST_DELIVERY, *[life.began_on] * 2)], date(2026, 2, 20), DAYS, rules())
    assert (kept.state, kept.light) == ("kept", "green")


def test_periods_end_by_the_month_and_a_gap_stays_one() -> None:
    life, today = Life(date(2026, 1, 31)), date(2026, 10, 31)
    spans = [said(Occasion.PERIOD, date(2026, 5, 1), date(2026, 7, 30))]
    first, *periods = moments(life, spans, today, DAYS, rules())
    assert first.state == "kept"
    assert [(each.begins_on, each.ends_on, each.state) for each in periods] == [
        (date(2026, 1, 31), date(2026, 4, 29), "late"),
        (date(2026, 4, 30), date(2026, 7, 30), "kept"),
        (date(2026, 7, 31), date(2026, 10, 30), "asked"),
    ]


def test_the_end_is_owed_where_nothing_goes_on() -> None:
    began_on, ended_on, today = date(2026, 1, 5), date(2026, 6, 1), date(2026, 6, 2)
    *_, end = moments(Life(began_on, ended_on, owes_end=True), (), today, DAYS, rules())
    assert (end.occasion, end.begins_on, end.ends_on) == (Occasion.END, date(2026, 4, 5), ended_on)
    renewed = moments(Life(began_on, ended_on, owes_end=False), (), today, DAYS, rules())
    assert Occasion.END not in {each.occasion for each in renewed}
    whole = [said(Occasion.END, began_on, ended_on)]
    assert {each.state for each in moments(Life(began_on, ended_on, owes_end=True), whole, today, DAYS, rules())} == {
        "kept"
    }


@settings(max_examples=150, deadline=None)
@given(
    began_on=dates,
    days=st.integers(0, 2500),
    ends_after=st.none() | st.integers(0, 2500),
    covers=st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 400)), max_size=4),
)
def test_every_day_of_a_whole_period_belongs_to_one_moment(
    began_on: date, days: int, ends_after: int | None, covers: list[tuple[int, int]]
) -> None:
    today = began_on + days * DAY
    ended_on = began_on + ends_after * DAY if ends_after is not None and ends_after <= days else None
    spans = [said(Occasion.PERIOD, began_on + a * DAY, began_on + (a + b) * DAY) for a, b in covers]
    first, *others = moments(Life(began_on, ended_on, ended_on is not None), spans, today, DAYS, rules())
    assert (first.state == "kept") == bool(spans)
    periods = [each for each in others if each.occasion is Occasion.PERIOD]
    assert all(a.ends_on + DAY == b.begins_on for a, b in pairwise(periods))
    assert all(each.begins_on <= each.ends_on < today and each.ends_on <= (ended_on or today) for each in periods)
    done_until = periods[-1].ends_on if periods else began_on - DAY
    following = later(began_on, rules()[Occasion.PERIOD].every_months * (len(periods) + 1)) - DAY
    assert following > done_until
    assert following >= today or (ended_on is not None and following > ended_on), "a whole period was passed over"
    for each in periods:
        assert (each.state == "kept") == any(s.covers_from <= each.ends_on <= s.covers_until for s in spans)
        assert each.state == "kept" or (each.state == "late") == (today > each.term.due_on)
