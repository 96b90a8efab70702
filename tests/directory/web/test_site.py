"""Every page that can be reached by links, for every role: it opens, obeys the content policy, and can be used."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from fastapi.testclient import TestClient

from directory.app import create_app
from directory.http.guard import CONTENT_SECURITY_POLICY
from directory.resources.register import register
from directory.roles import Role
from directory.settings import DirectorySettings
from metadata.resource import Resource

_LIMIT = 48  # the menu alone leads to half of them
_NAMED = re.compile("(/[a-z-]+)+")  # of pages about nothing single there are few: each is looked at
_LABELLED = frozenset({"text", "search", "password", "date", "number"})


@pytest.fixture(scope="module")
def departments(directory_app: Any, directory_settings: Any, city: Any) -> dict[str, str]:
    """An office and a department with more drafts than one page holds."""
    own, office = city.organisation(), city.organisation(is_office=True)
    editor = city.person(own, Role.EDITOR).actor
    with directory_app.state.sessions.begin() as session:
        for number in range(45):
            record = Resource.model_validate(
                {
                    "title": f"排污许可 <第 {number} 号> & “引号”",
                    "abstract": "固定污染源" * 60,
                    "provider": {"name": editor.org_name, "code": own},
                    "formats": [{"types": [f"格式{number % 12}"]}],
                    "items": [{"name": "许可证<编号>", "field": "permit_no", "sensitivity": 3}],
                }
            )
            register(session, editor, record, directory_settings.classes, datetime.now(UTC))
    return {"own": own, "office": office}


@pytest.mark.parametrize("role", list(Role))
def test_every_link_leads_somewhere_and_every_page_obeys_the_policy(
    city: Any, departments: dict[str, str], read: Callable[[str], Any], role: Role
) -> None:
    organisation = departments["office" if role.value.startswith("office") else "own"]
    browser = city.browser(city.person(organisation, role).actor.username)
    waiting, seen = ["/", "/resources?q=排污", "/nowhere"], set()
    while waiting:
        address = waiting.pop(0)
        if address in seen or (len(seen) >= _LIMIT and not _NAMED.fullmatch(address)):
            continue
        seen.add(address)
        answer = browser.get(address)
        assert answer.status_code == (404 if address == "/nowhere" else 200), (address, answer.text)
        page = read(answer.text)
        _check(page, answer, address)
        own_page = urldefrag(address).url
        for href in page.links():
            target, fragment = urldefrag(href)
            target = urljoin(own_page, target) if target.startswith("?") else target
            if not target:
                assert fragment in {each.get("id") for _, each in page.tags}, (address, href)
            elif target != own_page:
                assert target.startswith("/"), href
                waiting.append(target)
    assert len(seen) > 5


def _check(page: Any, answer: Any, address: str) -> None:
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.all("html")[0]["lang"] == "zh-CN"
    assert len(page.all("h1")) == 1, address
    scripts = page.all("script")
    own = ["/static/menu.js", "/static/suggest.js", "/static/refused.js", "/static/busy.js"]
    assert [urldefrag(each["src"]).url.split("?")[0] for each in scripts] == own
    assert all("defer" in each for each in scripts), "no page waits for script"
    for tag, attributes in page.tags:
        assert "style" not in attributes, (address, tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (address, tag)
        if tag == "form":
            assert attributes.get("action"), address
        if tag == "th":
            assert attributes.get("scope"), (address, attributes)
    tags = [tag for tag, _ in page.tags]
    for tag, following in pairwise(tags):
        assert tag != "table" or following == "caption", f"{address}: a table without a name"
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-4]", tag)]
    for above, level in pairwise(levels):
        assert level <= above + 1, f"{address}: a heading without the one above it"
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids)), (address, sorted(ids))
    labelled = {each.get("for") for each in page.all("label")}
    for field in page.all("input", "textarea", "select"):
        if field.get("type", "text") in _LABELLED:
            assert field.get("aria-label") or field.get("id") in labelled, (address, field)
    for each in page.all("use"):
        assert each["href"][1:] in ids, (address, each)


def test_static_files_are_served_and_nothing_else_of_the_folder(city: Any, read: Callable[[str], Any]) -> None:
    client = city.client()
    for each in read(client.get("/login", headers={"accept": "text/html"}).text).all("link"):
        answer = client.get(each["href"])
        assert (answer.status_code, len(answer.text) > 100) == (200, True)
    assert client.get("/static/../render.py").status_code == 404
    assert client.get("/static/%2e%2e/render.py").status_code == 404


def test_whoever_is_not_signed_in_comes_back_to_where_they_wanted(city: Any) -> None:
    for address in ("/", "/resources?q=企业", "/approvals", "/exchange"):
        answer = city.client().get(address, headers={"accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=/")


def test_where_nobody_has_an_account_the_first_page_says_how_one_is_made(
    city: Any,
    departments: dict[str, str],
    directory_settings: DirectorySettings,
    new_directory_database: Callable[[], tuple[str, str]],
) -> None:
    words, html = "hutong user add", {"accept": "text/html"}
    assert words not in city.client().get("/login", headers=html).text
    empty = create_app(directory_settings.model_copy(update={"database_url": new_directory_database()[0]}))
    assert words in TestClient(empty).get("/login", headers=html).text
    empty.state.engine.dispose()


def test_an_auditor_finds_on_the_desk_how_the_log_is_verified(city: Any, departments: dict[str, str]) -> None:
    words = "hutong audit verify"
    auditor, clerk = (city.person(departments["office"], role).actor for role in (Role.AUDITOR, Role.REQUESTER))
    assert words in city.browser(auditor.username).get("/").text
    assert words not in city.browser(clerk.username).get("/").text


def test_signing_out_ends_the_session(city: Any, departments: dict[str, str]) -> None:
    browser = city.browser(city.person(departments["own"], Role.REQUESTER).actor.username)
    answer = browser.send("/", "/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert browser.get("/").status_code == 303


def test_a_wrong_password_is_said_in_the_form_and_the_name_kept(city: Any) -> None:
    browser = type(city.browser(city.person(city.organisation(), Role.EDITOR).actor.username))(city.client())
    answer = browser.send("/login", "/login", username="谁<b>", password="错")
    assert answer.status_code == 401
    assert 'value="谁&lt;b&gt;"' in answer.text
    assert 'role="alert"' in answer.text
