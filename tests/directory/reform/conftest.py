"""The town of the requests, an office approver who carries acts out, and everything that must survive one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from directory.clock.today import shanghai_today
from directory.reform import work
from directory.reform.carry_out import carry_out
from directory.reform.choice import Choice
from directory.reform.models import Reform
from directory.reform.preview import preview
from directory.roles import Role
from tests.directory.access.conftest import Town, feed_of, first_rows, in_use, receipt, resource, town

__all__ = ["feed_of", "first_rows", "in_use", "receipt", "resource", "town"]

ROUTE = "/api/v1/reforms"
PAPER = "示例市机构编制委员会 2026 年第 8 号文件"


@pytest.fixture(scope="module")
def act(town: Town) -> Callable[..., Reform]:
    """Preview an act and carry it out, by the office's approver, in a transaction of its own."""

    def do(kind: str, organisations: list[str], successors: list[str] | None = None, **more: Any) -> Reform:
        now = datetime.now(UTC)
        given = {"effective_on": now.date(), "basis": PAPER} | more
        choice = Choice(kind=kind, organisations=organisations, successors=successors or [], **given)  # type: ignore[arg-type]
        approver = town.people["approver"].actor
        with town.city.app.state.sessions.begin() as session:
            found = preview(session, approver, choice, now)
            key = town.city.app.state.directory_key
            made = carry_out(session, approver, key, choice, now, previewed=found.digest)
            session.expunge(made)
        return made

    return do


@pytest.fixture(scope="module")
def department(town: Town) -> Callable[..., str]:
    """A new department with a lead and a clerk of its own; returns its code."""

    def make(name: str = "", **more: Any) -> str:
        code: str = town.city.organisation(name, **more)
        for role in (Role.SHARING_LEAD, Role.REQUESTER, Role.EDITOR):
            town.city.person(code, role)
        return code

    return make


def rows(town: Town, statement: str, **values: Any) -> list[Any]:
    """What the database says, as the application's role reads it."""
    with town.city.app.state.sessions() as session:
        return list(session.execute(text(statement), values))


def lasting(town: Town) -> dict[str, list[Any]]:
    """Everything that no act may change: numbers, terms, what was signed, who decided."""
    return {
        "codes": rows(town, "SELECT id, identifier, code, status, current_version FROM resource ORDER BY id"),
        "terms": rows(town, "SELECT id, state, stage, counted_from, limit_days, due_on FROM request ORDER BY id"),
        "clocks": rows(town, "SELECT * FROM request_clock ORDER BY request_id, seq"),
        "grants": rows(town, "SELECT grant_id, digest, route_id FROM grant_record ORDER BY grant_id"),
        "keys": rows(town, "SELECT node_id, identity_public, decryption_public FROM node ORDER BY node_id"),
        "steps": rows(town, "SELECT request_id, seq, decided_by, org_name FROM request_step ORDER BY 1, 2"),
    }


@pytest.fixture
def start(town: Town, department: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """A merge of two departments is previewed and begun; no server takes it up."""

    def make(client: Any = None) -> dict[str, Any]:
        old, new = department(), department()
        body = {"kind": "merge", "organisations": [old], "successors": [new], "basis": PAPER}
        body["effective_on"] = shanghai_today().isoformat()
        client = client or town.people["approver"].client
        previewed = client.post(f"{ROUTE}/preview", json=body).json()
        answer = client.post(f"{ROUTE}/begin", json=body | {"digest": previewed["digest"]})
        assert answer.status_code == 202, answer.text
        return {**answer.json(), "old": old, "new": new, "body": body | {"digest": previewed["digest"]}}

    return make


@pytest.fixture
def begun(start: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """One such act."""
    return start()


def turn(town: Town) -> bool:
    """What a server does every second."""
    return work.turn(town.city.app.state.sessions, town.city.app.state.directory_key)


def seen(town: Town, begun: dict[str, Any]) -> Any:
    """How far it is, as somebody sees it who came back to it."""
    answer = town.people["approver"].client.get(f"{ROUTE}/{begun['reform_id']}/progress")
    assert answer.status_code == 200, answer.text
    return answer.json()
