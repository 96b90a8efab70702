"""The page of a check that somebody else drives, in a real browser: it leads on by itself, with script and without."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.directory.conftest import PASSWORD
from tests.sim.serving import served


@pytest.fixture(scope="module")
def address(directory_app: Any) -> Iterator[str]:
    with served(directory_app) as at:
        yield at


@pytest.mark.parametrize("has_script", [True, False])
def test_who_looks_on_stays_where_they_are_until_the_check_has_ended(
    has_script: bool, chromium: Browser, address: str, department: Any, book: Callable[..., bytes]
) -> None:
    made = department.upload(book(department.row("慢")))
    department.post(made, "mapping")
    page = chromium.new_context(locale="zh-CN", java_script_enabled=has_script).new_page()
    page.goto(f"{address}/login?next=/imports/{made['id']}/check")
    page.get_by_label("用户名").fill(department.head.actor.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    here = page.get_by_role("link", name="没有自动刷新")
    here.focus()
    if has_script:
        with page.expect_response(f"{address}/imports/{made['id']}/check"):
            pass  # it looked, and nothing was new
        expect(here).to_be_focused()
    department.recheck(made)
    expect(page.get_by_role("heading", name="检查与修复")).to_be_visible()
    page.context.close()
