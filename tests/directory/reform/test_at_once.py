"""An act and somebody's work at the same instant: one waits for the other, and neither is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.access.decide import decide
from directory.access.states import Act
from directory.errors import DirectoryError
from directory.reform.carry_out import carry_out
from directory.reform.choice import Choice
from directory.reform.preview import preview
from directory.resources.register import register
from metadata.resource import Resource
from tests.directory.access.conftest import TO_ACCEPTED, Town
from tests.directory.reform.conftest import PAPER, rows

_WAITS_FOR_ME = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def _merge(town: Town, session: Session, old: str, new: str) -> None:
    now, state, approver = datetime.now(UTC), town.city.app.state, town.people["approver"].actor
    choice = Choice(kind="merge", organisations=(old,), successors=(new,), effective_on=now.date(), basis=PAPER)
    found = preview(session, approver, choice, now)
    carry_out(session, approver, state.directory_key, choice, now, previewed=found.digest)


def _merge_apart(town: Town, old: str, new: str) -> None:
    with town.city.app.state.sessions.begin() as session:
        _merge(town, session, old, new)


def _until_it_waits(session: Session, other: Future[Any]) -> None:
    while not session.scalar(text(_WAITS_FOR_ME)):
        assert not other.done(), other.result()


def _agree(town: Town, session: Session, request_id: str) -> None:
    key, lead = town.city.app.state.directory_key, town.people["lead"].actor
    decide(session, lead, key, UUID(request_id), Act.AGREED, datetime.now(UTC), suite_2=frozenset())


@pytest.fixture
def old(town: Town, resource: str) -> str:
    """The provider's present code: each merge here closes the one before."""
    return str(rows(town, "SELECT org_code FROM resource WHERE id = :id", id=resource)[0][0])


@pytest.fixture(autouse=True)
def _lead_is_who_they_are_now(town: Town, resource: str, old: str) -> None:
    """Actors are read anew on every request; here they are held for the length of a test."""
    for name in ("lead", "editor"):
        actor = town.people[name].actor
        object.__setattr__(actor, "org_code", old)


def test_a_decision_that_came_first_is_kept(
    town: Town, resource: str, old: str, department: Callable[..., str]
) -> None:
    waiting, new = town.bring_to(resource, *TO_ACCEPTED), department()
    with ThreadPoolExecutor(1) as pool:
        with town.city.app.state.sessions.begin() as session:
            _agree(town, session, waiting)
            merging = pool.submit(_merge_apart, town, old, new)
            _until_it_waits(session, merging)
        merging.result()
    assert rows(town, "SELECT state, provider_org FROM request WHERE id = :id", id=waiting) == [("agreed", new)]
    assert rows(town, "SELECT count(*) FROM grant_record WHERE request_id = :id", id=waiting) == [(1,)]


def test_a_decision_that_came_later_is_refused_whole_and_can_be_made_again(
    town: Town, resource: str, old: str, department: Callable[..., str]
) -> None:
    waiting, new = town.bring_to(resource, *TO_ACCEPTED), department()

    def agree_apart() -> None:
        with town.city.app.state.sessions.begin() as session:
            _agree(town, session, waiting)

    with ThreadPoolExecutor(1) as pool:
        with town.city.app.state.sessions.begin() as session:
            _merge(town, session, old, new)
            agreeing = pool.submit(agree_apart)
            _until_it_waits(session, agreeing)
        with pytest.raises(DirectoryError, match="REQUEST_NOT_FOUND"):  # it is no longer theirs, as of this instant
            agreeing.result()
    assert rows(town, "SELECT state, provider_org FROM request WHERE id = :id", id=waiting) == [("submitted", new)]
    assert town.act("lead", waiting, "agreed").status_code == 200


def test_an_entry_registered_while_its_department_closes_is_seen_or_refused(
    town: Town, resource: str, old: str, department: Callable[..., str]
) -> None:
    new, classes, editor = department(), town.city.app.state.settings.classes, town.people["editor"].actor

    def write(session: Session, title: str) -> None:
        record = Resource.model_validate({"title": title, "provider": {"name": _name(town, old), "code": old}})
        register(session, editor, record, classes, datetime.now(UTC))

    def write_apart(title: str) -> None:
        with town.city.app.state.sessions.begin() as session:
            write(session, title)

    with ThreadPoolExecutor(1) as pool:
        with town.city.app.state.sessions.begin() as session:
            write(session, "先写的")
            merging = pool.submit(_merge_apart, town, old, new)
            _until_it_waits(session, merging)
        with pytest.raises(DirectoryError, match="REFORM_CHANGED"):  # it was not in what had been previewed
            merging.result()
    _merge_apart(town, old, new)
    assert rows(town, "SELECT org_code FROM resource WHERE title = '先写的'") == [(new,)]
    later = department()
    object.__setattr__(editor, "org_code", new)
    old = new
    with ThreadPoolExecutor(1) as pool:
        with town.city.app.state.sessions.begin() as session:
            _merge(town, session, new, later)
            writing = pool.submit(write_apart, "后写的")
            _until_it_waits(session, writing)
        with pytest.raises(DirectoryError, match="ORGANISATION_CLOSED_NOW"):
            writing.result()
    assert rows(town, "SELECT 1 FROM resource WHERE title = '后写的'") == []


def test_what_was_not_previewed_is_not_carried_out(
    town: Town, resource: str, old: str, department: Callable[..., str]
) -> None:
    now, approver, new = datetime.now(UTC), town.people["approver"].client, department()
    asked = {
        "kind": "merge",
        "organisations": [old],
        "successors": [new],
        "effective_on": now.date().isoformat(),
        "basis": PAPER,
    }
    seen = approver.post("/api/v1/reforms/preview", json=asked).json()
    town.create(resource)
    answer = approver.post("/api/v1/reforms", json=asked | {"digest": seen["digest"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "REFORM_CHANGED"), answer.text
    seen = approver.post("/api/v1/reforms/preview", json=asked).json()
    assert seen["clocks"] > 0
    made = approver.post("/api/v1/reforms", json=asked | {"digest": seen["digest"]})
    assert made.status_code == 201, made.text
    assert made.json()["counts"] == seen["counts"]
    again = approver.post("/api/v1/reforms", json=asked | {"digest": seen["digest"]})
    assert (again.status_code, again.json()["code"]) == (409, "ORGANISATION_CLOSED")


def _name(town: Town, code: str) -> str:
    return str(rows(town, "SELECT name FROM organisation WHERE code = :code", code=code)[0][0])
