"""A page that tells how far work is tells it anew under the keyboard that is on it; in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from directory.clock.today import shanghai_today
from directory.reform import work
from directory.roles import Role
from tests.directory.conftest import PASSWORD
from tests.sim.serving import served


@pytest.fixture(scope="module")
def address(directory_app: Any) -> Iterator[str]:
    with served(directory_app) as at:
        yield at


def test_the_keyboard_stays_on_the_button_while_the_page_tells_how_far_it_is(
    chromium: Browser, address: str, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "turn", lambda *_: False)  # the server that is served waits
    office = city.organisation("示例市数据局", is_office=True)
    lead = city.person(office, Role.OFFICE_APPROVER)
    body = {"kind": "rename", "organisations": [city.organisation()], "name": "改名的局", "basis": "市编委文件"}
    body["effective_on"] = shanghai_today().isoformat()
    digest = lead.client.post("/api/v1/reforms/preview", json=body).json()["digest"]
    reform_id = lead.client.post("/api/v1/reforms/begin", json=body | {"digest": digest}).json()["reform_id"]

    page = chromium.new_context(locale="zh-CN").new_page()
    page.goto(f"{address}/login?next=/reforms/{reform_id}")
    page.get_by_label("用户名").fill(lead.actor.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    stop = page.get_by_role("button", name="停止，什么都不移交")
    stop.focus()
    with city.app.state.sessions.begin() as session:
        session.execute(update(work.ReformWork).values(tries=2))
    expect(page.get_by_text("正在第 2 次办理")).to_be_visible()
    expect(stop).to_be_focused()
    monkeypatch.undo()
    expect(page.get_by_text("原名称")).to_be_visible()  # it was carried out: this is the page of what it did
    page.context.close()
