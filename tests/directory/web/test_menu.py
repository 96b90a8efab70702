"""The head's menu: each page once, the reader's own marked; by keyboard, with script and without."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.roles import Role
from directory.web.menu import GROUPS, place
from tests.directory.conftest import PASSWORD
from tests.sim.serving import served

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def departments(city: Any) -> dict[bool, str]:
    return {True: city.organisation(is_office=True), False: city.organisation()}


@pytest.fixture(scope="module")
def address(directory_app: Any) -> Iterator[str]:
    with served(directory_app) as at:
        yield at


def _username(city: Any, departments: dict[bool, str], role: Role) -> str:
    in_office = role.value.startswith("office") or role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
    return str(city.person(departments[in_office], role).actor.username)


def _signed_in(chromium: Browser, address: str, username: str, **context: Any) -> Page:
    page = chromium.new_context(locale="zh-CN", **context).new_page()
    page.goto(f"{address}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    return page


def test_no_page_stands_in_the_menu_twice() -> None:
    addresses = [entry.address for group in GROUPS for entry in group.entries]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize(
    ("path", "tab", "section", "address", "is_exact"),
    [
        ("/approvals", "", "approvals", "/approvals", True),
        ("/approvals", "mine", "approvals", "/approvals?tab=mine", True),
        ("/approvals/batch", "", "approvals", "/approvals", False),
        ("/resources", "", "directory", "/resources", True),
        ("/resources/3", "", "directory", "/resources", False),
        ("/resources/3/edit", "", "catalogue", "/catalogue", False),
        ("/requests/3", "", "requests", "/requests", False),
        ("/requests/3/brief", "", "approvals", "/approvals", False),
        ("/lists/demands/new", "", "lists", "/lists/demands", False),
        ("/duties/3", "", "catalogue", "/duties", False),
        ("/offers", "", "resources", "/resources", False),
        ("/", "", "home", "", False),
        ("/nowhere", "", "", "", False),
    ],
)
def test_the_longest_address_says_where_a_page_belongs(
    path: str, tab: str, section: str, address: str, is_exact: bool
) -> None:
    found = place(path, tab, section)
    assert (found.address, found.is_exact) == (address, is_exact)


@pytest.mark.parametrize("role", [Role.SHARING_LEAD, Role.SYSTEM_ADMIN])  # test_site.py opens everybody's
def test_every_page_of_the_menu_opens_and_is_marked_there(
    city: Any, departments: dict[bool, str], read: Any, role: Role
) -> None:
    browser = city.browser(_username(city, departments, role))
    links = [each["href"] for each in _menu(read, browser.get("/")).all("a")]
    assert len(links) > 10
    for href in links[1:]:
        answer = browser.get(href)
        assert answer.status_code == 200, href
        shown = _menu(read, answer)
        current = [(each["href"], each["aria-current"]) for each in shown.all("a") if "aria-current" in each]
        assert current == [(href, "page")]
        assert len([each for each in shown.all("summary") if "aria-current" in each]) == 1, href


def _menu(read: Any, answer: Any) -> Any:
    return read(answer.text[answer.text.index('class="mainnav"') :].partition("</nav>")[0])


@pytest.mark.parametrize("has_script", [True, False])
def test_the_menu_works_by_keyboard_on_a_phone(
    chromium: Browser, address: str, city: Any, departments: dict[bool, str], has_script: bool
) -> None:
    username = _username(city, departments, Role.REQUESTER)
    page = _signed_in(chromium, address, username, viewport=PHONE, java_script_enabled=has_script)
    heads = page.locator(".mainnav > *")
    tops = heads.evaluate_all("each => [...new Set(each.map(one => one.getBoundingClientRect().top))]")
    assert len(tops) == 1, "one row"
    group, other = page.locator(".mainnav summary", has_text="申请"), page.locator(".mainnav summary", has_text="查找")
    for _ in range(20):
        page.keyboard.press("Tab")
        if other.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="基础库")).to_be_visible()
    if has_script:
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="基础库")).to_be_hidden()
    else:
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(group).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="我发起的", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approvals?tab=mine")
    expect(page.locator(".mainnav [aria-current=page]")).to_have_count(1)
    page.context.close()


def test_one_group_is_open_at_a_time_and_a_click_elsewhere_closes_it(
    chromium: Browser, address: str, city: Any, departments: dict[bool, str]
) -> None:
    page = _signed_in(chromium, address, _username(city, departments, Role.OFFICE_REVIEWER))
    opened = page.locator(".mainnav details[open]")
    for word in ("监督", "管理"):
        page.locator(".mainnav summary", has_text=word).click()
        expect(opened).to_have_count(1)
        expect(opened.locator("summary")).to_have_text(word)
    page.locator("h1").click()
    expect(opened).to_have_count(0)
    page.context.close()
