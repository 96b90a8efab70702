"""Access tokens: bounded by their scope, their owner's roles and their days, and managing nothing themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from directory.actions import Action
from directory.actors import Actor
from directory.declared import declared
from directory.policy import Denied, may
from directory.roles import Role
from directory.tokens.make import READING
from directory.tokens.models import AccessToken
from directory.tokens.words import SUBJECTS, VERBS, by_subject
from standards.crypto import digest


@pytest.fixture(scope="module")
def owner(city: Any) -> Any:
    return city.person(city.organisation(), Role.REQUESTER, Role.EDITOR)


def client_of(city: Any, token: str) -> Any:
    client = city.client()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def make(owner: Any, **changes: Any) -> dict[str, Any]:
    answer = owner.client.post("/api/v1/tokens", json={"name": "每日同步"} | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def store(city: Any, owner: Any, *scope: Action, expires: timedelta = timedelta(days=1)) -> str:
    """A token as it would stand after any history, put there past the verb."""
    token, now = f"hutong_{uuid4().hex}", datetime.now(UTC)
    row = AccessToken(
        account_id=owner.actor.account_id,
        name="x",
        token_hash=digest(token.encode()),
        scope=[*scope],
        created_at=now - timedelta(days=2),
        expires_at=now + expires,
    )
    with city.app.state.sessions.begin() as session:
        session.add(row)
    return token


@pytest.mark.parametrize("action", list(Action))
def test_without_the_action_in_scope_nobody_may(action: Action) -> None:
    """Asked in the one place where permission is asked."""
    everything = frozenset(Action)
    bounded = Actor(uuid4(), "x", "x", "本局", "本局", frozenset(Role), scope=everything - {action})
    verdict = may(bounded, action, "本局")
    assert isinstance(verdict, Denied)
    assert verdict.code == "TOKEN_SCOPE"


def test_a_token_is_out_of_scope_on_every_governed_route(city: Any, owner: Any, directory_app: FastAPI) -> None:
    """Before anything is read: one whose scope holds none of the route's actions."""
    one, other = (client_of(city, store(city, owner, each)) for each in (Action.AUDIT_READ, Action.CALENDAR_READ))
    for route in directory_app.routes:
        policy = declared(route.endpoint) if isinstance(route, APIRoute) else None
        if not isinstance(route, APIRoute) or policy is None or policy.kind not in {"governed", "signed_in"}:
            continue
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", "1")
        for method in route.methods - {"HEAD"}:
            if policy.kind == "signed_in" and method == "GET":
                continue
            answer = (other if Action.AUDIT_READ in policy.actions else one).request(method, path)
            assert (answer.status_code, answer.json().get("code")) == (403, "TOKEN_SCOPE"), (method, path, answer.text)


def test_the_preset_reads_and_does_nothing(city: Any, owner: Any) -> None:
    made = make(owner)
    assert set(made["made"]["scope"]) <= {each.value for each in READING}
    client = client_of(city, made["token"])
    assert client.get("/api/v1/resources").status_code == 200
    assert client.get("/api/v1/requests").status_code == 200
    assert client.get("/api/v1/me").json()["username"] == owner.actor.username
    assert client.post("/api/v1/requests", json={}).json()["code"] == "TOKEN_SCOPE"
    for path, body in (("/api/v1/tokens", {"name": "x"}), ("/api/v1/me/password", {"current": "x", "new": "y"})):
        assert client.post(path, json=body).json()["code"] == "TOKEN_SCOPE"
    assert client.delete("/api/v1/session").json()["code"] == "TOKEN_SCOPE"


def test_a_token_never_exceeds_its_owner(city: Any, owner: Any) -> None:
    beyond = owner.client.post("/api/v1/tokens", json={"name": "x", "scope": ["resource:publish"]})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "TOKEN_INVALID")
    stale = client_of(city, store(city, owner, Action.RESOURCE_PUBLISH, Action.AUDIT_READ))  # roles since taken away
    assert stale.get("/api/v1/audit/entries").status_code in {403, 404}
    assert stale.get("/api/v1/audit/entries").json()["code"] in {"FORBIDDEN", "NOT_FOUND"}


def test_without_reading_entries_it_sees_what_the_public_sees(city: Any, owner: Any) -> None:
    client = client_of(city, store(city, owner, Action.CALENDAR_READ))
    assert client.get("/dcat/catalog.jsonld").status_code == 200
    assert client.get("/api/v1/resources").json()["code"] == "TOKEN_SCOPE"


def test_a_token_ends(city: Any, owner: Any) -> None:
    over = client_of(city, store(city, owner, Action.RESOURCE_READ, expires=timedelta(seconds=-1)))
    assert over.get("/api/v1/resources").status_code == 401
    made = make(owner, days=1)
    client = client_of(city, made["token"])
    assert client.get("/api/v1/resources").status_code == 200
    [line] = [each for each in owner.client.get("/api/v1/tokens").json() if each["id"] == made["made"]["id"]]
    assert line["last_used_at"] is not None
    stranger = city.person(city.organisation(), Role.EDITOR)
    path = f"/api/v1/tokens/{made['made']['id']}/revocation"
    assert stranger.client.post(path).json()["code"] == "TOKEN_NOT_FOUND"
    assert owner.client.post(path).status_code == 204
    assert owner.client.post(path).json()["code"] == "TOKEN_NOT_FOUND"
    assert client.get("/api/v1/resources").status_code == 401


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"days": 0}, {"days": 366}, {"scope": ["everything"]}, {"owner": "x"}]
)
def test_what_is_malformed(owner: Any, changes: dict[str, Any]) -> None:
    answer = owner.client.post("/api/v1/tokens", json={"name": "x"} | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_MALFORMED")


def test_there_is_a_last_one(city: Any) -> None:
    owner = city.person(city.organisation(), Role.EDITOR)
    for _ in range(20):
        make(owner)
    answer = owner.client.post("/api/v1/tokens", json={"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "TOKENS_MANY")


def test_the_page(city: Any, owner: Any) -> None:
    browser = city.browser(owner.actor.username)
    page = browser.send("/tokens", "/tokens", name="门户", valid_days="30", preset="chosen", scope="resource:read")
    assert page.status_code == 200
    token = page.text.partition('<code id="token">')[2].partition("</code>")[0]
    assert page.headers["cache-control"] == "no-store"
    assert client_of(city, token).get("/api/v1/resources").status_code == 200
    wrong = browser.send("/tokens", "/tokens", name=" ", valid_days="30")
    assert wrong.status_code == 422
    assert "TOKEN_INVALID" in wrong.text
    [made] = [each for each in owner.client.get("/api/v1/tokens").json() if each["name"] == "门户"]
    assert browser.send("/tokens", "/tokens/revocation", token_id=made["id"]).status_code == 303
    assert client_of(city, token).get("/api/v1/resources").status_code == 401


def test_a_scope_is_read_in_words_and_every_action_has_them(city: Any, owner: Any) -> None:
    parts = [each.value.split(":") for each in Action]
    assert {subject for subject, _ in parts} <= SUBJECTS.keys()
    assert {verb for _, verb in parts} <= VERBS.keys()
    assert [(subject, [verb for _, verb in verbs]) for subject, verbs in by_subject(READING) if subject == "目录"] == [
        ("目录", ["查看"])
    ]
    make(owner, name="看目录的程序", scope=["resource:read", "request:create"])
    text = city.browser(owner.actor.username).get("/tokens").text
    assert "<dt>申请</dt><dd>起草</dd><dt>目录</dt><dd>查看</dd>" in text
    assert "<code>" not in text.partition("看目录的程序")[2].partition("</tr>")[0]
