"""What is pressed twice is sent once, and a button that begins long work says so; in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from directory.roles import Role
from tests.directory.conftest import PASSWORD
from tests.sim.serving import served

# What goes out is noted and held, as by a server that is at it.
_HOLD = """
window.sent = [];
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent.push(event.submitter?.value);
  event.preventDefault();
});
"""


@pytest.fixture(scope="module")
def address(directory_app: Any) -> Iterator[str]:
    with served(directory_app) as at:
        yield at


def test_an_act_on_departments_says_that_it_is_at_it_and_is_sent_once(
    chromium: Browser, address: str, city: Any
) -> None:
    office = city.organisation("示例市数据局", is_office=True)
    old, new = city.organisation("撤并的局"), city.organisation("承接的局")
    username = city.person(office, Role.OFFICE_APPROVER).actor.username
    page = chromium.new_context(locale="zh-CN").new_page()
    page.goto(f"{address}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{address}/reforms/new?kind=merge&organisation={old}")
    page.locator("select[name=successors]").select_option(new)
    page.get_by_label("依据").fill("市编委文件")
    page.get_by_role("button", name="预览移交清单").click()
    page.evaluate(_HOLD)
    begin = page.locator("button[value=carry_out]")
    begin.click()
    expect(begin).to_have_attribute("aria-busy", "true")
    expect(begin).to_have_text("正在办理，请等页面返回…")
    begin.click()
    page.locator("button[value=preview]").last.click()
    assert page.evaluate("sent") == ["carry_out"]
    page.evaluate("dispatchEvent(new Event('pageshow'))")  # back from the next page
    expect(begin).to_have_text("办理合并")
    begin.click()
    assert page.evaluate("sent") == ["carry_out", "carry_out"]
    page.context.close()


def test_a_form_whose_button_is_pressed_twice_is_sent_once(chromium: Browser, address: str, city: Any) -> None:
    username = city.person(city.organisation(), Role.REQUESTER).actor.username
    page = chromium.new_context(locale="zh-CN").new_page()
    page.goto(f"{address}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{address}/complaints/new")
    page.evaluate(_HOLD)
    page.clock.install()
    page.get_by_role("button", name="提交", exact=True).dblclick()
    assert len(page.evaluate("sent")) == 1
    page.clock.run_for(9_000)
    page.get_by_role("button", name="提交", exact=True).click()
    assert len(page.evaluate("sent")) == 1, "still on its way"
    page.clock.run_for(2_000)
    page.get_by_role("button", name="提交", exact=True).click()
    assert len(page.evaluate("sent")) == 2, "after so long somebody may try again"
    page.evaluate("dispatchEvent(new Event('pageshow'))")  # back from the next page
    page.get_by_role("button", name="提交", exact=True).click()
    assert len(page.evaluate("sent")) == 3
    search = page.get_by_label("检索目录")
    search.fill("户籍")
    search.press("Enter")
    search.press("Enter")
    assert len(page.evaluate("sent")) == 5, "looking twice does no harm"
    page.context.close()
