"""The kept counts of terms are what counting anew gives, whatever happens to requests, their terms and departments."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from directory.supervision.tally import ended, fold, running
from tests.directory.access.conftest import TO_ACCEPTED, Town, resource, town
from tests.directory.access.laws import COUNTS

__all__ = ["resource", "town"]

_DAY = date(2026, 3, 2)
_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["due", "due", "ends", "ends", "none", "moves", "moves", "copied", "fold", "given up"]),
        st.integers(0, 1),
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=14,
)
_CHANGES = {
    "due": "UPDATE request SET due_on = :day, counted_from = :from_, limit_days = :days WHERE id = :id",
    "none": "UPDATE request SET due_on = NULL, counted_from = NULL, limit_days = NULL WHERE id = :id",
    "moves": "UPDATE request SET provider_org = :org WHERE id = :id",
    "ends": "UPDATE request_clock SET stopped_at = :at, outcome = :outcome WHERE request_id = :id"
    " AND stopped_at IS NULL",
    "copied": "INSERT INTO request_clock SELECT request_id, seq + 1 + :days, rule_id, counted_from, limit_days,"
    " extension_days, due_on, started_at, NULL, NULL FROM request_clock WHERE request_id = :id"
    " AND stopped_at IS NOT NULL ORDER BY seq DESC LIMIT 1 ON CONFLICT DO NOTHING",
}

_ONE_MORE = """
    INSERT INTO running_tally (provider_org, counted_from, limit_days, due_on, number)
    SELECT provider_org, counted_from, limit_days, due_on, 1 FROM request WHERE due_on IS NOT NULL LIMIT 1"""


@pytest.fixture(scope="module")
def owner(town: Town) -> Iterator[Engine]:
    engine = create_engine(town.city.app.state.settings.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def requests(town: Town, resource: str) -> list[str]:
    return [town.bring_to(resource, *TO_ACCEPTED) for _ in range(2)]


def uncounted(session: Session) -> dict[str, list[Any]]:
    return {law: found for law, sql in COUNTS.items() if (found := list(session.execute(text(sql))))}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
@example(acts=[("ends", 0, 1), ("moves", 0, 0), ("moves", 0, 1), ("copied", 0, 1), ("ends", 0, 0), ("moves", 0, 2)])
@example(acts=[("due", 1, 1), ("fold", 0, 0), ("moves", 1, 0), ("moves", 1, 1), ("none", 1, 0), ("due", 1, 2)])
def test_what_is_kept_is_what_is_counted(owner: Engine, requests: list[str], acts: list[tuple[str, int, int]]) -> None:
    """Nothing is committed, so the guards of what belongs together, which look at commit, let everything be tried."""
    with Session(owner) as session:
        session.execute(text("ALTER TABLE request DISABLE TRIGGER follow_reform"))  # it wants an act for each move
        orgs = session.scalars(text("SELECT code FROM organisation ORDER BY code LIMIT 4")).all()
        for what, which, luck in acts:
            change(session, what, requests[which], orgs[luck % len(orgs)], luck)
            assert uncounted(session) == {}
        kept, over = running(session), ended(session, 2000)
        session.execute(text("SELECT hutong_tally_anew()"))
        assert (sorted(running(session)), sorted(ended(session, 2000))) == (sorted(kept), sorted(over))
        session.rollback()


def change(session: Session, what: str, request_id: str, org: str, luck: int) -> None:
    values = {
        "id": request_id,
        "org": org,
        "day": _DAY + timedelta(days=luck),
        "from_": _DAY - timedelta(days=luck),
        "days": 1 + luck,
        "at": f"202{5 + luck % 2}-12-31T{15 + luck}:59:00+00:00",  # on either side of a new year in Shanghai
        "outcome": ("answered", "provided", "supplement", "ended")[luck],
    }
    if what == "fold":
        fold(session)
    elif what == "given up":
        with session.begin_nested() as part:
            session.execute(text(_CHANGES["moves"]), values)
            part.rollback()
    else:
        session.execute(text(_CHANGES[what]), values)


def test_folding_beside_a_change_loses_nothing(owner: Engine, requests: list[str]) -> None:
    with Session(owner) as one, Session(owner) as other, Session(owner) as reader:
        one.execute(text("UPDATE request SET resource_title = resource_title"))  # nothing that is counted
        before = sorted(running(reader))
        reader.rollback()
        fold(one)
        fold(other)  # at once: it lets the first do it
        other.execute(text(_ONE_MORE))
        other.commit()
        seen = sorted(running(reader))
        assert sum(each.number for each in seen) == 1 + sum(each.number for each in before)
        reader.rollback()
        one.commit()
        assert sorted(running(reader)) == seen
        reader.rollback()
        fold(reader)
        rows = reader.scalar(text("SELECT count(*) FROM running_tally"))
        assert (rows, sorted(running(reader))) == (len(seen), seen)
        reader.execute(text("SELECT hutong_tally_anew()"))
        assert sorted(running(reader)) == before
        reader.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE running_tally SET number = 0",
        "DELETE FROM ended_tally",
        "INSERT INTO ended_tally (provider_org, year, is_late, number) VALUES ('x', 2026, false, 1)",
        "SELECT hutong_tally_anew()",
    ],
)
def test_only_the_database_itself_counts(town: Town, statement: str) -> None:
    with town.city.app.state.sessions() as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(statement))
