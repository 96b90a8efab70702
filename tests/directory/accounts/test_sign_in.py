"""Signing in: tokens, cookies, timeouts, lockout, and forms that a foreign page sent."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, LoginFailure, LoginSession
from directory.accounts.register import add_account
from directory.accounts.sign_in import SignedIn, sign_in
from directory.errors import DirectoryError
from directory.roles import Role

PASSWORD = "正确的密码-2026-correct"
NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> None:
    """Here passwords are stretched as they are in use."""


@pytest.fixture
def person(city: Any) -> Any:
    return city.person(city.organisation(), Role.EDITOR)


@pytest.fixture
def attempt(session: Session, person: Any) -> Callable[..., SignedIn | DirectoryError]:
    def run(password: str = "错", at: datetime = NOW, address: str = "10.0.0.1", username: str = "") -> Any:
        return sign_in(
            session,
            username=username or person.actor.username,
            password=password,
            address=address,
            kind="api",
            hours=8,
            now=at,
        )

    return run


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def browse(city: Any, username: str, password: str = PASSWORD, next_page: str = "/") -> tuple[Any, Any]:
    client = city.client()
    page = client.get("/login", params={"next": next_page}, headers={"Accept": "text/html"})
    form = {"username": username, "password": password, "next": next_page, "csrf_token": form_token(page.text)}
    return client, client.post("/login", data=form, headers={"Accept": "text/html"})


def test_a_token_is_worth_one_session(city: Any, person: Any) -> None:
    me = person.client.get("/api/v1/me").json()
    assert (me["username"], me["roles"], me["csrf_token"]) == (person.actor.username, ["editor"], None)
    assert person.client.delete("/api/v1/session").status_code == 204
    answer = person.client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_only_the_tokens_hash_is_kept(person: Any, session: Session) -> None:
    token = person.client.headers["Authorization"].removeprefix("Bearer ")
    kept = session.scalars(select(LoginSession.token_hash)).all()
    assert kept
    assert token.encode() not in b"".join(kept)


def test_refusals_do_not_tell_whether_the_account_exists(city: Any, person: Any) -> None:
    client = city.client()
    wrong = client.post("/api/v1/session", json={"username": person.actor.username, "password": "错误的密码"})
    nobody = client.post("/api/v1/session", json={"username": "nobody", "password": "错误的密码"})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()


def test_an_unknown_name_takes_as_long(attempt: Callable[..., Any]) -> None:
    def seconds(**who: str) -> float:
        began = perf_counter()
        attempt(**who)
        return perf_counter() - began

    seconds(username="warmup")
    known = median(seconds(address=f"10.1.0.{n}") for n in range(7))
    unknown = median(seconds(address=f"10.1.1.{n}", username="nobody") for n in range(7))
    assert unknown > known / 3  # without the dummy hash it is less than a tenth


def test_five_failures_pause_the_account_from_that_address(attempt: Callable[..., Any]) -> None:
    for _ in range(5):
        assert attempt().code == "LOGIN_FAILED"
    assert attempt(PASSWORD).code == "LOGIN_LOCKED"
    assert attempt(PASSWORD, NOW + timedelta(minutes=14)).code == "LOGIN_LOCKED"
    assert isinstance(attempt(PASSWORD, address="10.0.0.2"), SignedIn)
    assert isinstance(attempt(PASSWORD, NOW + timedelta(minutes=15)), SignedIn)


def test_success_forgets_earlier_failures(attempt: Callable[..., Any]) -> None:
    for _ in range(4):
        attempt()
    assert isinstance(attempt(PASSWORD), SignedIn)
    for _ in range(4):
        attempt()
    assert isinstance(attempt(PASSWORD), SignedIn)


def test_an_unknown_account_is_paused_too(attempt: Callable[..., Any]) -> None:
    codes = [attempt(username="nobody-here").code for _ in range(6)]
    assert codes == ["LOGIN_FAILED"] * 5 + ["LOGIN_LOCKED"]


def test_failures_over_http_are_counted_though_refused(city: Any, person: Any, session: Session) -> None:
    client = city.client()
    for _ in range(2):
        client.post("/api/v1/session", json={"username": person.actor.username, "password": "错误的密码"})
    row = session.scalars(select(LoginFailure).where(LoginFailure.username == person.actor.username)).one()
    assert row.failed_count == 2


@pytest.mark.parametrize("column", ["last_seen_at", "ends_at"])
def test_a_session_ends_idle_or_old(city: Any, person: Any, directory_app: Any, column: str) -> None:
    past = datetime.now(UTC) - timedelta(minutes=31 if column == "last_seen_at" else 1)
    with directory_app.state.sessions.begin() as session:
        mine = LoginSession.account_id == person.actor.account_id
        session.execute(update(LoginSession).where(mine).values({column: past}))
    assert person.client.get("/api/v1/me").status_code == 401


def test_disabling_an_account_acts_at_once(person: Any, directory_app: Any) -> None:
    with directory_app.state.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == person.actor.account_id).values(is_active=False))
    assert person.client.get("/api/v1/me").status_code == 401


def test_browser_sign_in_and_out(city: Any, person: Any) -> None:
    client, answer = browse(city, person.actor.username, next_page="/resources?q=%E4%BC%81%E4%B8%9A")
    assert (answer.status_code, answer.headers["location"]) == (303, "/resources?q=%E4%BC%81%E4%B8%9A")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("hutong_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = client.get("/api/v1/me").json()
    assert me["username"] == person.actor.username
    cookies = dict(client.cookies)
    signed_out = client.post("/logout", data={"csrf_token": me["csrf_token"]})
    assert signed_out.headers["location"] == "/login"
    again = city.client()
    again.cookies.update(cookies)
    assert again.get("/api/v1/me").status_code == 401  # over on the server, not only in this browser


def test_signing_in_again_makes_a_new_id(city: Any, person: Any) -> None:
    client, _ = browse(city, person.actor.username)
    first = client.cookies["hutong_session"]
    form = {
        "username": person.actor.username,
        "password": PASSWORD,
        "csrf_token": client.get("/api/v1/me").json()["csrf_token"],
    }
    client.post("/login", data=form)
    assert client.cookies["hutong_session"] != first
    old = city.client()
    old.cookies.set("hutong_session", first)
    assert old.get("/api/v1/me").status_code == 401


def test_a_refusal_shows_the_form_again(city: Any, person: Any) -> None:
    _, answer = browse(city, person.actor.username, "错误的密码")
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert "错误的密码" not in answer.text


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "evil"])
def test_the_way_back_stays_inside(city: Any, person: Any, address: str) -> None:
    _, answer = browse(city, person.actor.username, next_page=address)
    assert answer.headers["location"] == "/"


def test_pages_lead_to_the_form_and_back(city: Any) -> None:
    answer = city.client().get("/id/33001/00000000001", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/id/33001/00000000001")


def test_api_and_browser_sessions_are_not_exchanged(city: Any, person: Any) -> None:
    browser, _ = browse(city, person.actor.username)
    program = city.client()
    program.headers["Authorization"] = f"Bearer {browser.cookies['hutong_session']}"
    assert program.get("/api/v1/me").status_code == 401
    other = city.client()
    other.cookies.set("hutong_session", person.client.headers["Authorization"].removeprefix("Bearer "))
    assert other.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "这不是"},
        {"X-CSRF-Token": "RIGHT", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_cookie_alone_does_nothing(city: Any, person: Any, headers: dict[str, str]) -> None:
    client, _ = browse(city, person.actor.username)
    right = client.get("/api/v1/me").json()["csrf_token"]
    sent = {name: value.replace("RIGHT", right).encode() for name, value in headers.items()}
    refused = client.delete("/api/v1/session", headers=sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_REFUSED")
    allowed = client.delete("/api/v1/session", headers={"X-CSRF-Token": right, "Origin": "http://testserver"})
    assert allowed.status_code == 204


def test_another_sessions_token_is_refused(city: Any, person: Any) -> None:
    client, _ = browse(city, person.actor.username)
    other, _ = browse(city, person.actor.username)
    theirs = other.get("/api/v1/me").json()["csrf_token"]
    assert client.post("/logout", data={"csrf_token": theirs}).status_code == 403


def test_a_foreign_login_form_is_refused(city: Any, person: Any) -> None:
    form = {"username": person.actor.username, "password": PASSWORD}
    assert city.client().post("/login", data=form).json()["code"] == "CSRF_REFUSED"


def test_three_administrators_are_three_people(city: Any, session: Session) -> None:
    org = city.organisation()
    with pytest.raises(DirectoryError, match="ROLES_EXCLUSIVE"):
        add_account(
            session,
            username="both",
            display_name="李四",
            org_code=org,
            password=PASSWORD,
            roles=(Role.SYSTEM_ADMIN, Role.AUDITOR),
        )


def test_the_database_keeps_the_administrators_apart(city: Any, directory_app: Any) -> None:
    person = city.person(city.organisation(), Role.SYSTEM_ADMIN)
    with directory_app.state.sessions() as session:
        session.add(AccountRole(account_id=person.actor.account_id, role=Role.SECURITY_ADMIN.value))
        with pytest.raises(IntegrityError, match=r"holds no other role|uq_account_role_one_admin"):
            session.flush()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "Bad Name"}, "ACCOUNT_INVALID"),
        ({"password": "short"}, "ACCOUNT_INVALID"),
        ({"display_name": " "}, "ACCOUNT_INVALID"),
        ({"roles": (Role.OFFICE_APPROVER,)}, "ACCOUNT_INVALID"),
        ({"org_code": "nowhere"}, "ORGANISATION_UNKNOWN"),
    ],
)
def test_accounts_refused(city: Any, session: Session, changes: dict[str, Any], code: str) -> None:
    given = {
        "username": "somebody",
        "display_name": "王五",
        "org_code": city.organisation(),
        "password": PASSWORD,
        "roles": (),
    }
    with pytest.raises(DirectoryError, match=code):
        add_account(session, **(given | changes))


def test_a_password_is_nowhere_in_the_database(person: Any, session: Session) -> None:
    stored = session.scalar(select(Account.password_hash).where(Account.id == person.actor.account_id))
    assert stored
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    dump = session.execute(text("SELECT string_agg(a::text, '') FROM account a")).scalar_one()
    assert PASSWORD not in dump
