"""Pages on a phone, in a real browser: no page scrolls sideways; what one types has room; a refusal is seen at once;
a decision asks only for what it needs.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, Town, resource, town
from tests.directory.imports.conftest import book
from tests.directory.web.test_menu import PHONE, _signed_in, address

__all__ = ["address", "book", "resource", "town"]

LATER = "2027-06-30"


@pytest.fixture(scope="module")
def asked(town: Town, resource: str) -> str:
    """A request that waits for its provider; beside it a demand, a correction and an objection."""
    people, found = town.people, town.bring_to(resource, *TO_ACCEPTED)
    demand = {
        "title": "公共租赁住房申请人家庭成员婚姻登记情况和现住址",
        "service": "公共租赁住房申请",
        "purpose": "核验",
        "law_title": "《公共租赁住房管理办法》",
        "needed_by": LATER,
        "items": [{"name": "婚姻登记状态"}],
    }
    correction = {"resource": resource, "items": ["xm"], "words": "姓名与户口本不一致"}
    objection = {"topic": "content", "resource": resource, "words": "登记日期与实际不符", "wish": "请更正"}
    for path, body in (("demands", demand), ("corrections", correction), ("objections", objection)):
        answer = people["clerk"].client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
    return found


@pytest.fixture(scope="module")
def faulty(town: Town, book: Any) -> str:
    """An import that was checked and has cells to be mended."""
    client, own = town.people["editor"].client, town.people["editor"].actor.org_name
    rows = book((f"{own}的桥梁", own, "有", "年更", "无条件 共享"), ("", own, "", "每年", "无条件共享"))
    answer = client.post("/api/v1/imports", files={"file": ("目录.xlsx", rows)})
    assert answer.status_code == 201, answer.text
    found = f"/api/v1/imports/{answer.json()['id']}"
    for verb in ("mapping", "check"):
        answer = client.post(f"{found}/{verb}", json={"columns": []} if verb == "mapping" else {})
        assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def phone(chromium: Any, address: str, town: Town) -> Iterator[Any]:
    """The page of one of the town's people, on a phone; signed in once each."""
    pages: dict[str, Page] = {}

    def of(who: str) -> Page:
        if who not in pages:
            pages[who] = _signed_in(chromium, address, town.people[who].actor.username, viewport=PHONE)
        return pages[who]

    yield of
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("lead", ("/requests/{asked}", "/requests/{asked}/brief", "/approvals/batch?id={asked}", "/approvals")),
        ("lead", ("/corrections", "/objections", "/complaints/new", "/services", "/lists/responsibilities")),
        ("clerk", ("/lists/demands", "/lists/demands/new", "/collection-checks", "/uses", "/cart", "/tokens")),
        ("clerk", ("/requests/new?resource={resource}", "/requests/{asked}/terms", "/resources/{resource}")),
        ("approver", ("/statistics", "/supervision", "/reforms/new", "/reforms", "/deciders", "/lists/negatives")),
        ("lead", ("/offers?resource={resource}", "/consents", "/situations", "/situations/new", "/delegations")),
        ("lead", ("/libraries", "/libraries/population", "/grants/unused", "/bulletins", "/backflow")),
        ("approver", ("/exchange/orders", "/reminders", "/rates", "/rates/{provider}", "/offers?resource={resource}")),
        ("editor", ("/imports", "/imports/{faulty}/mapping", "/imports/{faulty}/check", "/imports/{faulty}/preview")),
    ],
)
def test_nothing_scrolls_sideways(
    phone: Any, address: str, town: Town, asked: str, resource: str, faulty: str, who: str, paths: tuple[str, ...]
) -> None:
    page, names = phone(who), {"asked": asked, "resource": resource, "faulty": faulty}
    for path in paths:
        answer = page.goto(address + path.format(provider=town.orgs["provider"], **names))
        assert answer.status == 200, path
        assert not re.search("[左右][边侧]", page.inner_text("main")), f"{path}: on a phone all stands below"
        narrow = page.evaluate(
            "[...document.querySelectorAll('main input:is([type=text], [type=search], :not([type])):not([size])')]"
            ".filter(each => each.checkVisibility() && each.clientWidth < 96).map(each => each.name)"
        )
        assert narrow == [], f"{path}: nobody can see what they type"
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        wide = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(each => each.scrollWidth > each.clientWidth + 1 && "
            "getComputedStyle(each).overflowX === 'auto' && each.tabIndex < 0 && each.tagName !== 'PRE' && "
            "each.tagName !== 'TEXTAREA').map(each => each.outerHTML.slice(0, 80))"
        )
        assert wide == [], f"{path}: what scrolls must be reached by the keyboard"


def test_a_table_of_many_numbers_leaves_room_for_the_departments_names(phone: Any, address: str) -> None:
    """At any width: with many columns beside it a name would stand one character below the other."""
    page = phone("approver")
    page.goto(f"{address}/statistics")
    for width in (1280, 800, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 800})
        narrow = page.evaluate(
            "[...document.querySelectorAll('.scroll tbody th')]"
            ".filter(each => each.textContent.trim().length > 4 && each.clientWidth < 110).length"
        )
        assert narrow == 0, width
    page.set_viewport_size(PHONE)


def test_a_number_alone_is_as_wide_as_what_stands_below(phone: Any, address: str) -> None:
    page = phone("approver")
    page.goto(f"{address}/")
    right = "each => Math.round(each.getBoundingClientRect().right)"
    assert page.locator(".tile").count() == 1
    assert page.locator(".tile").evaluate(right) == page.locator(".panel").last.evaluate(right)


def test_with_room_beside_the_page_only_the_keyboard_is_led_to_the_decision(
    chromium: Any, address: str, town: Town, asked: str
) -> None:
    room = {"width": 1366, "height": 900}
    page = _signed_in(chromium, address, town.people["lead"].actor.username, viewport=room)
    page.goto(f"{address}/requests/{asked}")
    leads = page.get_by_role("link", name="去作决定")
    expect(leads).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the text, past the head
    passed = []
    while not leads.evaluate("each => each === document.activeElement"):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert len(passed) < 6, passed
    expect(leads).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.form.id") == "decide"
    page.context.close()


def test_a_refused_form_opens_where_the_mistake_is(phone: Any, address: str, resource: str) -> None:
    page = phone("lead")
    page.goto(f"{address}/offers?resource={resource}")
    page.get_by_label("可选的取值").fill("张三")
    page.get_by_role("button", name="设为可选").click()
    wrong = page.get_by_role("alert")
    expect(wrong).to_contain_text("还没有选数据项和方式")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()
    expect(page.get_by_label("可选的取值")).to_have_value("张三")


def test_of_a_summary_and_its_fields_the_keyboard_is_at_the_first_field(phone: Any, address: str) -> None:
    page = phone("clerk")
    page.goto(f"{address}/lists/demands/new")
    page.get_by_label("需求名称").fill("养老待遇资格核验所需数据")
    page.get_by_role("button", name="提出需求").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有提出")
    service = page.get_by_label("用于哪项服务")
    expect(service).to_be_focused()
    expect(service).to_be_in_viewport()
    expect(page.locator("#service-error")).to_be_in_viewport()


def test_a_field_waits_for_the_choice_that_asks_for_it_and_stands_where_something_is_wrong(
    phone: Any, address: str, asked: str
) -> None:
    page = phone("lead")
    page.goto(f"{address}/requests/{asked}#decide")
    reason, days = page.get_by_label("不予共享的理由"), page.get_by_label("延长几个工作日")
    expect(reason).to_be_hidden()
    page.get_by_label("不予共享", exact=False).first.check()
    expect(reason).to_be_visible()
    expect(days).to_be_hidden()
    page.get_by_label("意见").fill("不予共享。")
    page.locator("#decide button[type=submit]").click()
    expect(page.locator("#reason-e")).to_be_visible()
    page.get_by_label("同意", exact=False).first.check()
    expect(page.locator("#reason-e")).to_be_visible()
    expect(page.get_by_label("意见")).to_have_value("不予共享。")


def test_a_name_of_any_length_leaves_the_head_within_the_window(chromium: Any, address: str, city: Any) -> None:
    organisation = city.organisation(name="示例市人力资源和社会保障局及其派出机构综合管理办公室" * 4)
    username = city.person(organisation, Role.SHARING_LEAD).actor.username
    page = _signed_in(chromium, address, username)
    for width in (1366, 1093, 800, 730, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_role("button", name="退出")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.querySelector('.who span:last-child').clientWidth") >= 28, width
    page.context.close()
