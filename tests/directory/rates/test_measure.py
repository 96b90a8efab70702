"""The rates as arithmetic: what counts in which, why not, and that every number is the length of its list."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.clock.deadlines import Calendar
from directory.errors import DirectoryError
from directory.rates.lists import listed
from directory.rates.measure import EntryFact, ProbeFact, Rates, Verdict, drags, due_on, gap_of, judge, measure

TODAY = date(2026, 3, 4)  # a Wednesday
EVERY_DAY = Calendar(frozenset(), frozenset(), frozenset())
CYCLES = ["realtime", "daily", "weekly", "monthly", "quarterly", "halfyear", "yearly", "irregular", None]


def _probe(days_ago: int = 0, changed_ago: int | None = 0, *, reached: bool = True, matching: bool = True) -> ProbeFact:
    probed = TODAY - timedelta(days=days_ago)
    return ProbeFact(
        probed, reached, matching, None if changed_ago is None else probed - timedelta(days=changed_ago), "细节"
    )


def _judge(*mounts: ProbeFact | None, cycle: str | None = "daily") -> Verdict:
    named = tuple((f"m{number}", probe) for number, probe in enumerate(mounts))
    return judge(EntryFact(uuid4(), "目录", "甲", cycle, named), TODAY, EVERY_DAY)


probes = st.builds(
    _probe, st.integers(0, 20), st.none() | st.integers(0, 800), reached=st.booleans(), matching=st.booleans()
)
mounts = st.lists(st.none() | probes, max_size=3)
verdicts = st.lists(st.builds(lambda of, cycle: _judge(*of, cycle=cycle), mounts, st.sampled_from(CYCLES)), max_size=12)


@pytest.mark.parametrize(
    ("verdict", "effective", "timely", "codes"),
    [
        (_judge(_probe()), True, True, []),
        (_judge(), False, False, ["UNMOUNTED", "UNMOUNTED"]),
        (_judge(None), False, False, ["UNPROBED", "CHANGE_UNKNOWN"]),
        (_judge(_probe(8)), True, True, []),
        (_judge(_probe(9)), False, False, ["PROBE_STALE", "CHANGE_UNKNOWN"]),
        (_judge(_probe(reached=False, changed_ago=None)), False, False, ["UNREACHABLE", "CHANGE_UNKNOWN"]),
        (_judge(_probe(matching=False)), False, True, ["MISMATCHED"]),
        (_judge(_probe(changed_ago=2)), True, False, ["LATE"]),
        (_judge(_probe(), None), False, True, ["UNPROBED"]),
        (_judge(_probe(changed_ago=400), cycle="irregular"), True, None, []),
        (_judge(None, cycle=None), False, None, ["UNPROBED"]),
    ],
)
def test_each_standing_has_its_reasons(
    verdict: Verdict, effective: bool, timely: bool | None, codes: list[str]
) -> None:
    assert (verdict.is_effective, verdict.is_timely) == (effective, timely)
    assert [each.code for each in verdict.reasons] == codes
    assert all(each.zh and each.next_zh for each in verdict.reasons)


@pytest.mark.parametrize(
    ("cycle", "changed", "due"),
    [
        ("realtime", date(2026, 3, 2), date(2026, 3, 3)),
        ("daily", date(2026, 3, 6), date(2026, 3, 9)),  # Friday: Saturday and Sunday are no days to be late on
        ("weekly", date(2026, 3, 2), date(2026, 3, 9)),
        ("monthly", date(2026, 1, 31), date(2026, 3, 2)),  # 28 February is a Saturday
        ("quarterly", date(2025, 11, 30), date(2026, 3, 2)),
        ("halfyear", date(2025, 9, 4), date(2026, 3, 4)),
        ("yearly", date(2024, 2, 29), date(2025, 2, 28)),
        ("irregular", date(2026, 1, 1), None),
    ],
)
def test_a_cycle_ends_on_a_working_day(cycle: str, changed: date, due: date | None) -> None:
    assert due_on(changed, cycle, EVERY_DAY) == due


def test_the_reason_names_the_days() -> None:
    (late,) = _judge(_probe(changed_ago=10), cycle="weekly").reasons
    assert late.zh == "数据上次更新在 2026-02-22，按“每周”应于 2026-03-02 前再更新，到 2026-03-04 检测时仍未更新"


@given(verdicts)
def test_every_number_is_the_length_of_its_list(of: list[Verdict]) -> None:
    rates = measure(of)
    for name in Rates.__dataclass_fields__:
        assert getattr(rates, name) == len(listed(of, name))
    assert rates.timely <= rates.cycled <= rates.counted >= rates.mounted >= rates.effective
    for part, rest, whole in (
        ("mounted", "unmounted", "counted"),
        ("effective", "ineffective", "mounted"),
        ("timely", "late", "cycled"),
        ("cycled", "uncycled", "counted"),
    ):
        assert len(listed(of, part)) + len(listed(of, rest)) == len(listed(of, whole))


@given(verdicts)
def test_exactly_what_is_not_in_a_rate_drags_it(of: list[Verdict]) -> None:
    dragging = {each.fact.resource_id for each in drags(of)}
    missing = {each.fact.resource_id for each in of if not each.is_effective or each.is_timely is False}
    assert dragging == missing
    assert [each.fact.resource_id for each in listed(of, "dragging")] == [each.fact.resource_id for each in drags(of)]
    for each in of:
        assert bool([r for r in each.reasons if r.rate in ("mounted", "effective")]) is not each.is_effective
        assert bool([r for r in each.reasons if r.rate == "timely"]) is (each.is_timely is False)


@given(mounts, probes | st.none(), st.sampled_from(CYCLES))
def test_one_more_bad_mount_never_makes_an_entry_effective(
    of: list[ProbeFact | None], another: ProbeFact | None, cycle: str | None
) -> None:
    before, after = _judge(*of, cycle=cycle), _judge(*of, another, cycle=cycle)
    assert before.is_effective or not of or not after.is_effective


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([c for c in CYCLES if gap_of(c)]))
def test_data_never_fall_due_before_they_changed(changed: date, cycle: str) -> None:
    due = due_on(changed, cycle, EVERY_DAY)
    assert due is not None
    assert due > changed
    assert EVERY_DAY.is_working_day(due)


@given(verdicts)
def test_only_all_is_a_hundred_percent(of: list[Verdict]) -> None:
    rates = measure(of)
    for rate, part, whole in (
        (rates.mount_rate, rates.mounted, rates.counted),
        (rates.effective_rate, rates.effective, rates.counted),
        (rates.timely_rate, rates.timely, rates.cycled),
    ):
        assert (rate is None) is (whole == 0)
        assert (rate == 100) is (whole > 0 and part == whole)


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(DirectoryError, match="RATE_SET_UNKNOWN"):
        listed([], "nonsense")
