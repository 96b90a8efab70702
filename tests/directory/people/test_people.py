"""三员分立 over HTTP: one hand makes accounts, another gives roles, a third reads; who left leaves nothing behind."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, Town, refused, resource, town
from tests.directory.conftest import PASSWORD

__all__ = ["resource", "town"]

NEW = "另一个密码-2027-another"


@pytest.fixture(scope="module")
def hands(city: Any, administrator: Any) -> dict[str, Any]:
    """The three administrators, and somebody with a role besides."""
    office = administrator.actor.org_code
    return {
        "system": administrator,
        "security": city.person(office, Role.SECURITY_ADMIN),
        "auditor": city.person(office, Role.AUDITOR),
        "lead": city.person(city.organisation(), Role.SHARING_LEAD),
    }


def opened(hands: dict[str, Any], username: str, org_code: str = "") -> str:
    """A new account; its password for once."""
    body = {"username": username, "display_name": "王五", "org_code": org_code or hands["lead"].actor.org_code}
    answer = hands["system"].client.post("/api/v1/people", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["one_time_password"])


def sign_in(city: Any, username: str, password: str) -> Any:
    client = city.client()
    answer = client.post("/api/v1/session", json={"username": username, "password": password})
    if answer.status_code == 200:
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return client, answer


def test_two_hands_make_a_person(city: Any, hands: dict[str, Any]) -> None:
    password = opened(hands, "wangwu")
    client, answer = sign_in(city, "wangwu", password)
    assert answer.status_code == 200
    assert refused(client.get("/api/v1/worklist"), 403, "PASSWORD_ONE_TIME")
    assert refused(client.post("/api/v1/me/password", json={"current": "x" * 12, "new": NEW}), 403, "PASSWORD_WRONG")
    for weak in ("short", password, "wangwu-" + NEW, "a" * 20):
        answer = client.post("/api/v1/me/password", json={"current": password, "new": weak})
        assert refused(answer, 422, "PASSWORD_WEAK")
    assert client.post("/api/v1/me/password", json={"current": password, "new": NEW}).status_code == 204
    assert client.get("/api/v1/worklist").status_code == 200, "the session in which it was changed goes on"
    assert sign_in(city, "wangwu", password)[1].json()["code"] == "LOGIN_FAILED"
    given = {"role": "editor"}
    assert refused(hands["system"].client.post("/api/v1/people/wangwu/roles", json=given), 403, "FORBIDDEN")
    answer = hands["security"].client.post("/api/v1/people/wangwu/roles", json=given)
    assert (answer.status_code, answer.json()["role_names"]) == (201, ["编目员"])
    assert client.get("/api/v1/me").json()["roles"] == ["editor"], "from the very next call on"
    answer = hands["security"].client.delete("/api/v1/people/wangwu/roles/editor")
    assert answer.json()["roles"] == []
    assert client.get("/api/v1/me").json()["roles"] == []


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "code"),
    [
        ("security", "POST", "/people", {"username": "zz", "display_name": "z", "org_code": "x"}, "FORBIDDEN"),
        ("security", "POST", "/people/somebody/closing", None, "FORBIDDEN"),
        ("security", "POST", "/people/somebody/password-reset", None, "FORBIDDEN"),
        ("system", "POST", "/people/somebody/roles", {"role": "auditor"}, "FORBIDDEN"),
        ("system", "POST", "/people/somebody/unlocking", None, "FORBIDDEN"),
        ("auditor", "POST", "/people/somebody/roles", {"role": "auditor"}, "FORBIDDEN"),
        ("auditor", "POST", "/people/somebody/closing", None, "FORBIDDEN"),
        ("lead", "POST", "/people/somebody/closing", None, "FORBIDDEN"),
        ("system", "GET", "/audit/checkpoint", None, ""),
        ("security", "POST", "/people/nobody/roles", {"role": "editor"}, "PERSON_NOT_FOUND"),
        ("lead", "GET", "/people/somebody", None, "PERSON_NOT_FOUND"),
        ("security", "POST", "/people/somebody/roles", {"role": "office_approver"}, "ACCOUNT_INVALID"),
        ("security", "POST", "/people/somebody/roles", {"role": "editor"}, "ROLE_HELD"),
        ("security", "POST", "/people/somebody/roles", {"role": "auditor"}, "ROLES_EXCLUSIVE"),
        ("security", "DELETE", "/people/somebody/roles/operator", None, "ROLE_NOT_HELD"),
        ("security", "POST", "/people/somebody/roles", {"role": "king"}, "INPUT_MALFORMED"),
        ("system", "POST", "/people/somebody/reopening", None, "PERSON_OPEN"),
    ],
)
def test_each_does_only_their_own(
    city: Any, hands: dict[str, Any], who: str, method: str, path: str, body: Any, code: str
) -> None:
    if hands.get("somebody") is None:
        hands["somebody"] = city.person(city.organisation(), Role.EDITOR, username="somebody")
    answer = hands[who].client.request(method, f"/api/v1{path}", json=body)
    assert answer.json().get("code", "") == code, answer.text


@pytest.mark.parametrize("path", ["closing", "password-reset", "roles"])
def test_nobody_administers_themselves(hands: dict[str, Any], path: str) -> None:
    who = hands["security" if path == "roles" else "system"]
    body = {"role": "editor"} if path == "roles" else None
    answer = who.client.post(f"/api/v1/people/{who.actor.username}/{path}", json=body)
    assert refused(answer, 403, "ONESELF")


def test_a_lockout_is_lifted_by_security(city: Any, hands: dict[str, Any]) -> None:
    opened(hands, "suoding")
    for _ in range(5):
        sign_in(city, "suoding", "wrong-password")
    assert sign_in(city, "suoding", "wrong-password")[1].json()["code"] == "LOGIN_LOCKED"
    assert hands["auditor"].client.get("/api/v1/people/suoding").json()["is_locked"]
    answer = hands["security"].client.post("/api/v1/people/suoding/unlocking")
    assert answer.json()["is_locked"] is False
    assert sign_in(city, "suoding", "wrong-password")[1].json()["code"] == "LOGIN_FAILED"


def test_a_one_time_password_is_worth_nothing_after_its_days(city: Any, hands: dict[str, Any]) -> None:
    password = opened(hands, "guoqi")
    with city.app.state.sessions.begin() as session:
        session.execute(text("UPDATE account SET one_time_until = now() WHERE username = 'guoqi'"))
    assert refused(sign_in(city, "guoqi", password)[1], 401, "PASSWORD_OVER")
    again = hands["system"].client.post("/api/v1/people/guoqi/password-reset").json()["one_time_password"]
    assert sign_in(city, "guoqi", again)[1].status_code == 200


def test_who_left_leaves_nothing_behind(town: Town, resource: str, hands: dict[str, Any]) -> None:
    """Session, token, delegation and role end at once, and what waited for them is shown, not stuck."""
    lead, client = town.people["lead"], hands["system"].client
    waiting = town.bring_to(resource, *TO_ACCEPTED)
    deputy = town.city.person(town.orgs["provider"], Role.EDITOR)
    body = {"role": "sharing_lead", "delegate": deputy.actor.username, "starts_on": "2026-01-01", "reason": "出差"}
    with town.city.app.state.sessions() as session:
        today = session.scalar(text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"))
    body |= {"starts_on": today.isoformat(), "ends_on": today.isoformat()}
    assert lead.client.post("/api/v1/delegations", json=body).status_code == 201
    token = lead.client.post("/api/v1/tokens", json={"name": "x"}).json()["token"]
    program = town.city.client()
    program.headers["Authorization"] = f"Bearer {token}"
    assert program.get("/api/v1/requests").status_code == 200
    closed = client.post(f"/api/v1/people/{lead.actor.username}/closing")
    assert (closed.status_code, closed.json()["is_active"], closed.json()["roles"]) == (200, False, [])
    assert refused(client.post(f"/api/v1/people/{lead.actor.username}/closing"), 409, "PERSON_CLOSED")
    for each in (lead.client, program):
        assert each.get("/api/v1/requests").status_code == 401
    assert deputy.client.get(f"/api/v1/requests/{waiting}").status_code == 404
    assert sign_in(town.city, lead.actor.username, PASSWORD)[1].json()["code"] == "LOGIN_FAILED"
    hidden = client.get("/api/v1/supervision/undecided").json()
    assert [each["example"] for each in hidden if each["kind"] == "request"] == [None], "not an administrator's to read"
    found = town.people["reviewer"].client.get("/api/v1/supervision/undecided").json()
    [stuck] = [each for each in found if each["org_code"] == town.orgs["provider"] and each["kind"] == "request"]
    assert (stuck["role"], stuck["count"], UUID(stuck["example"])) == ("sharing_lead", 1, UUID(waiting))
    page = town.city.browser(town.people["reviewer"].actor.username).get("/supervision").text
    assert "没有共享工作机构负责人" in page
    again = client.post(f"/api/v1/people/{lead.actor.username}/reopening").json()
    assert again["person"]["roles"] == []
    hands["security"].client.post(f"/api/v1/people/{lead.actor.username}/roles", json={"role": "sharing_lead"})
    left = [each for each in client.get("/api/v1/supervision/undecided").json() if each["kind"] == "request"]
    assert not [each for each in left if each["org_code"] == town.orgs["provider"]]


def test_the_only_one_does_not_wait_for_themselves_unseen(town: Town, resource: str, hands: dict[str, Any]) -> None:
    """The one lead of a department asks for something: nobody there can approve it, and that is shown."""
    org = town.city.organisation()
    boss = town.city.person(org, Role.SHARING_LEAD, Role.REQUESTER)
    asked = boss.client.post("/api/v1/requests", json=town.asks(resource))
    assert asked.status_code == 201, asked.text
    found = boss.client.get("/api/v1/supervision/undecided").json()
    assert [(each["org_code"], each["count"]) for each in found if each["kind"] == "request"] == [(org, 1)]
    assert town.people["clerk"].client.get("/api/v1/supervision/undecided").json() == []


def test_every_act_is_in_the_log(city: Any, hands: dict[str, Any]) -> None:
    with city.app.state.sessions() as session:
        raw = session.scalars(text("SELECT convert_from(bytes, 'UTF8') FROM audit_out")).all()
    for action in (
        "account:add",
        "account:close",
        "account:reopen",
        "account:reset_password",
        "role:give",
        "role:take",
    ):
        assert any(f'"action":"{action}"' in each for each in raw), action
    for action in ("lockout:lift", "account:change_password", "delegation:give", "delegation:revoke", "token:make"):
        assert any(f'"action":"{action}"' in each for each in raw), action
    assert not any(NEW in each for each in raw)


def test_the_pages(city: Any, hands: dict[str, Any]) -> None:
    system = city.browser(hands["system"].actor.username)
    org = hands["lead"].actor.org_code
    made = system.send("/people", "/people", username="yemian", display_name="赵六", org_code=org)
    assert made.status_code == 200
    password = made.text.partition('id="one-time">')[2].partition("</code>")[0]
    assert made.headers["cache-control"] == "no-store"
    again = system.send("/people", "/people", username="yemian", display_name="赵六", org_code=org)
    assert again.status_code == 409
    assert "ACCOUNT_EXISTS" in again.text
    security = city.browser(hands["security"].actor.username)
    assert security.send("/people/yemian", "/people/yemian/roles", role="editor").status_code == 303
    assert "编目员" in security.get("/people?q=yemian").text
    refusal = security.send("/people/yemian", "/people/yemian/roles", role="auditor")
    assert refusal.status_code == 409
    assert "ROLES_EXCLUSIVE" in refusal.text
    assert security.send("/people/yemian", "/people/yemian/roles-taken", role="editor").status_code == 303
    assert security.send("/people/yemian", "/people/yemian/nonsense").status_code == 404
    client = city.client()
    form = client.get("/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    fields = {"csrf_token": form, "username": "yemian", "password": password}
    assert client.post("/login", data=fields, headers={"accept": "text/html"}).status_code == 303
    sent = client.get("/", headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/password")
    form = client.get("/password", headers={"accept": "text/html"}).text
    fields = {"csrf_token": form.partition('name="csrf_token" value="')[2].partition('"')[0], "current": password}
    wrong = client.post("/password", data=fields | {"new": NEW, "again": NEW + "x"}, headers={"accept": "text/html"})
    assert wrong.status_code == 422
    right = client.post("/password", data=fields | {"new": NEW, "again": NEW}, headers={"accept": "text/html"})
    assert "密码已修改" in right.text
    assert client.get("/", headers={"accept": "text/html"}).status_code == 200
    for act in ("password-reset", "closing", "reopening"):
        assert system.send("/people/yemian", f"/people/yemian/{act}").status_code in {200, 303}


def test_whom_it_concerns_is_told(city: Any, hands: dict[str, Any]) -> None:
    org = hands["lead"].actor.org_code
    person = city.person(org, Role.EDITOR)
    name, at = person.actor.display_name, f"/api/v1/people/{person.actor.username}"
    assert hands["security"].client.post(f"{at}/roles", json={"role": "requester"}).status_code == 201
    assert hands["security"].client.delete(f"{at}/roles/requester").status_code == 200
    assert told(person)[:2] == ["安全管理员收回了您的“经办人”角色", "安全管理员授予您“经办人”角色"]
    password = hands["system"].client.post(f"{at}/password-reset").json()["one_time_password"]
    client, _ = sign_in(city, person.actor.username, password)
    body = {"current": password, "new": NEW}
    assert client.post("/api/v1/me/password", json=body).status_code == 204
    newest = client.get("/api/v1/notices").json()["items"][0]
    assert (newest["zh"].startswith("您的密码已由系统管理员重置"), newest["link"]) == (True, "/password")
    assert hands["system"].client.post(f"{at}/closing").status_code == 200
    assert [each for each in told(hands["security"]) if name in each and "停用" in each]
    assert [each for each in told(hands["security"]) if name in each and "重置" in each]
    assert [each for each in told(hands["lead"]) if name in each and "停用" in each], "who hands on what they had"
    assert not [each for each in told(hands["auditor"]) if name in each]


def told(person: Any) -> list[str]:
    return [each["zh"] for each in person.client.get("/api/v1/notices").json()["items"]]
