"""A month is worked out from history: later acts never change it, whatever they are; once over it is kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.statistics.count import count
from directory.statistics.definitions import NOBODY, Month, together
from directory.statistics.keep import keep, kept
from tests.directory.duties.conftest import Autumn, at

MARCH = Month(2024, 3)
ACTS = st.sampled_from(("new", "publish", "edit", "suspend", "resume", "withdraw"))
DAYS = st.integers(0, 90)
STEPS = st.lists(st.tuples(DAYS, ACTS, st.integers(0, 2)), min_size=3, max_size=9)


def test_months_end_at_midnight_in_shanghai() -> None:
    assert Month(2024, 2).ends_at == datetime(2024, 2, 29, 16, tzinfo=UTC) == MARCH.begins_at
    assert Month(2024, 12).following == Month(2025, 1)
    assert str(MARCH) == "2024-03"


def test_what_stands_is_as_at_the_last_month_what_happens_adds_up() -> None:
    one, other = NOBODY | {"published": 3, "asked": 2}, NOBODY | {"published": 5, "asked": 1}
    assert together([one, other]) == NOBODY | {"published": 5, "asked": 3}
    assert together([]) == NOBODY


def test_entries_count_by_what_had_happened_at_the_end_of_the_month(autumn: Autumn, session: Session) -> None:
    def numbers(month: Month, *names: str) -> list[int]:
        found = count(session, month).get(autumn.department.code, NOBODY)
        return [found[name] for name in names]

    names = ("catalogued", "published", "first_published")
    first = autumn.published("甲", date(2024, 1, 31))
    second = autumn.published("乙", date(2024, 2, 1))
    assert [numbers(Month(2024, month), *names) for month in (1, 2, 3)] == [[1, 1, 1], [2, 2, 1], [2, 2, 0]]
    autumn.step(autumn.office.approver, second, "suspended", date(2024, 3, 5), "暂停核查")
    autumn.edited(first, date(2024, 3, 31))
    assert [numbers(Month(2024, month), *names) for month in (2, 3)] == [[2, 2, 1], [2, 1, 0]]
    autumn.step(autumn.office.approver, second, "withdrawn", date(2024, 4, 1), "并入甲")
    assert [numbers(Month(2024, month), *names) for month in (2, 3, 4)] == [[2, 2, 1], [2, 1, 0], [1, 1, 0]]
    assert numbers(MARCH, "shareable", "mounted") == [1, 0]


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, cut=st.integers(1, 4))
def test_what_comes_after_a_month_never_changes_it(
    autumn: Autumn, session: Session, steps: list[tuple[int, str, int]], cut: int
) -> None:
    month = Month(2023, cut)
    with session.begin_nested() as nested:
        found: list[str] = []
        counted = None
        for offset, act, which in sorted(steps):
            day = date(2023, 1, 1) + timedelta(days=offset)
            if counted is None and at(day) >= month.ends_at:
                counted = count(session, month)
            _do(autumn, found, act, which, day)
        counted = count(session, month) if counted is None else counted
        _do(autumn, found, "new", 0, date(2023, 6, 1))
        for which in range(len(found)):
            _do(autumn, found, "withdraw", which, date(2023, 6, 2))
        assert count(session, month) == counted
        nested.rollback()


def _do(autumn: Autumn, found: list[str], act: str, which: int, day: date) -> None:
    """One act on one of the entries, where its present status allows it."""
    if act in {"new", "publish"}:
        found.append(autumn.published(f"第{len(found)}条{day}", day))
    elif which < len(found):
        session, ref = autumn.session, found[which]
        status = session.scalar(text("SELECT status FROM resource WHERE id = :id"), {"id": ref})
        if act == "edit" and status in {"draft", "published"}:
            autumn.edited(ref, day)
        elif act == "suspend" and status == "published":
            autumn.step(autumn.office.approver, ref, "suspended", day, "暂停")
        elif act == "resume" and status == "suspended":
            autumn.step(autumn.office.approver, ref, "published", day, "恢复")
        elif act == "withdraw" and status != "withdrawn":
            autumn.step(autumn.office.approver, ref, "withdrawn", day, "撤销")


def test_a_month_that_is_over_is_kept_as_it_was_counted(autumn: Autumn, session: Session) -> None:
    code = autumn.department.code
    autumn.published("丙", date(2022, 5, 10))
    month, now = Month(2022, 5), datetime.now(UTC)
    assert not keep(session, month, month.ends_at - timedelta(seconds=1))
    assert keep(session, month, now)
    before = {org: dict(row.numbers) for org, row in kept(session, month).items()}
    assert before[code]["published"] == 1
    autumn.step(autumn.office.approver, _first(session), "withdrawn", date(2022, 5, 30), "改写历史")
    assert keep(session, month, now + timedelta(days=1))
    assert {org: dict(row.numbers) for org, row in kept(session, month).items()} == before
    with pytest.raises(Exception, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE statistics_month SET numbers = '{}'"))


def _first(session: Session) -> Any:
    return str(session.scalar(text("SELECT id FROM resource WHERE status = 'published' ORDER BY published_on LIMIT 1")))
