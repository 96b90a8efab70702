"""Pages on a phone, in a real browser: no page scrolls sideways; a decision asks only for what it needs."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.directory.access.conftest import TO_ACCEPTED, Town, resource, town
from tests.directory.web.test_menu import PHONE, _signed_in, address, chromium

__all__ = ["address", "chromium", "resource", "town"]

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
    ],
)
def test_nothing_scrolls_sideways(
    phone: Any, address: str, asked: str, resource: str, who: str, paths: tuple[str, ...]
) -> None:
    page = phone(who)
    for path in paths:
        answer = page.goto(address + path.format(asked=asked, resource=resource))
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        wide = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(each => each.scrollWidth > each.clientWidth + 1 && "
            "getComputedStyle(each).overflowX === 'auto' && each.tabIndex < 0 && each.tagName !== 'PRE' && "
            "each.tagName !== 'TEXTAREA').map(each => each.outerHTML.slice(0, 80))"
        )
        assert wide == [], f"{path}: what scrolls must be reached by the keyboard"


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
