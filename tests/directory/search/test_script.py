"""The search field in a real browser: suggestions by keyboard and mouse, and the same search where no script runs."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from directory.roles import Role
from hutong.ports import free_port
from tests.directory.conftest import PASSWORD


@pytest.fixture(scope="module")
def address(directory_app: Any, shelf: Any) -> Iterator[str]:
    """The application on a port, in a thread."""
    shelf.add("企业登记基本信息", "小微企业名录", "<b>企业</b>标记")
    port = free_port(9160)
    config = uvicorn.Config(directory_app, port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def _signed_in(chromium: Browser, address: str, username: str, *, has_script: bool) -> Page:
    context = chromium.new_context(java_script_enabled=has_script, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{address}/resources")
    return page


def test_titles_are_suggested_and_chosen_by_keyboard_and_by_mouse(
    chromium: Browser, address: str, city: Any, shelf: Any
) -> None:
    username = city.person(shelf.editor.org_code, Role.REQUESTER).actor.username
    page = _signed_in(chromium, address, username, has_script=True)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    field = page.get_by_role("combobox", name="检索词")
    options = page.get_by_role("option")
    field.press_sequentially("qydj")
    expect(options).to_have_count(1)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("qydj")
    field.fill("企业")
    expect(options).to_have_count(3)
    expect(options.first).to_contain_text("企业登记基本信息")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_role("heading", name="企业登记基本信息")).to_be_visible()
    assert "q=%E4%BC%81%E4%B8%9A%E7%99%BB%E8%AE%B0" in page.url
    field.fill("标记")
    option = page.get_by_role("option", name="<b>企业</b>标记")  # text, not markup
    option.click()
    expect(page.get_by_role("article")).to_have_count(1)
    assert complaints == []
    page.context.close()


def test_without_script_the_field_searches_all_the_same(chromium: Browser, address: str, city: Any, shelf: Any) -> None:
    username = city.person(shelf.editor.org_code, Role.REQUESTER).actor.username
    page = _signed_in(chromium, address, username, has_script=False)
    page.get_by_label("检索词").fill("小微企業")
    page.get_by_label("检索词").press("Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text("“小微企業”按“小微企业”查")).to_be_visible()
    page.context.close()
