"""A form that came after its session had ended is carried through the sign-in; a password never is."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import directory.web
from directory.http.sent import SECRET_FIELDS
from directory.roles import Role
from tests.directory.conftest import PASSWORD, Browser

TEMPLATES = Path(directory.web.__file__).parent / "templates"
HTML = {"accept": "text/html"}


@pytest.fixture
def ended(city: Any) -> tuple[Browser, str, str]:
    """Somebody's browser whose session is over without its page knowing, their name, and that page's token."""
    username = city.person(city.organisation(), Role.EDITOR).actor.username
    browser = city.browser(username)
    token = _token(browser.get("/password").text)
    elsewhere = city.client()
    elsewhere.cookies.update(browser.client.cookies)
    assert elsewhere.post("/logout", data={"csrf_token": token}, headers=HTML).status_code == 303
    return browser, username, token


def test_a_password_is_not_carried_through_the_sign_in(ended: tuple[Browser, str, str]) -> None:
    browser, _, token = ended
    typed = {"current": PASSWORD, "new": "另一个新的密码-2027", "again": "另一个新的密码-2027"}
    answer = browser.client.post("/password", data={"csrf_token": token} | typed, headers=HTML)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/login?next=/"), answer.text
    assert not [value for value in typed.values() if value in answer.text]


def test_every_field_for_a_password_is_one_that_is_never_said_again() -> None:
    found = {
        name
        for template in TEMPLATES.rglob("*.html")
        for field in re.findall(r'<input[^>]*type="password"[^>]*>', template.read_text("utf-8"))
        for name in re.findall(r' name="([a-z_]+)"', field)
    }
    assert found == SECRET_FIELDS


@pytest.mark.parametrize("kept", [{}, {"kept:abstract": "写了半小时"}])
def test_an_address_of_any_length_keeps_nobody_from_signing_in(city: Any, kept: dict[str, str]) -> None:
    """A search of many words is longer, spelled out, than what the form takes; its page is reached all the same."""
    username = city.person(city.organisation(), Role.EDITOR).actor.username
    client = city.client()
    asked = client.get("/approvals", params={"q": "户籍" * 200}, headers=HTML)
    assert asked.status_code == 303
    page = client.get(asked.headers["location"], headers=HTML).text
    sent = {"csrf_token": _token(page), "next": _next(page), "username": username, "password": PASSWORD}
    answer = client.post("/login", data=sent | kept, headers=HTML)
    assert answer.status_code == (200 if kept else 303), answer.text
    assert 'action="/approvals"' in answer.text if kept else answer.headers["location"] == "/approvals"


def _token(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]*)"', page)[0]


def _next(page: str) -> str:
    return unescape(re.findall(r'name="next" value="([^"]*)"', page)[0])
