"""In a real browser, with a real node: a fingerprint compared, a folder mounted, an order given and its answer seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from playwright.sync_api import Page, expect

from directory.accounts.queries import actor_named
from directory.accounts.register import add_account
from directory.app import create_app
from directory.migrate import migrate
from directory.nodes.enrol import create_token
from directory.organisations.register import add_organisation
from directory.resources.register import register
from directory.roles import Role
from directory.settings import DirectorySettings
from exchange import agent
from exchange.keys import enrol
from exchange.node import Node
from metadata.keys import grouped
from metadata.resource import Resource
from tests.sim.checker import SmallChecker
from tests.sim.chromium import launched
from tests.sim.serving import served

ORG, OFFICE = "11330100MB0000262E", "11330100MB0000019K"
PASSWORD = "正确的密码-2026-correct"


@dataclass(frozen=True)
class Office:
    """A served directory, a draft of an entry there, and a department's node."""

    url: str
    draft: str
    home: Path


@pytest.fixture
def office(new_database: Callable[[], str], tmp_path: Path) -> Iterator[Office]:
    settings = DirectorySettings(home=tmp_path / "directory", database_url=new_database())
    migrate(settings)
    app = create_app(settings)
    with app.state.sessions.begin() as session:
        add_organisation(session, code=OFFICE, name="示例市数据管理局", is_office=True)
        add_organisation(session, code=ORG, name="示例市统计局", prefix="33001", is_office=False)
        for name, org, role in (
            ("editor", ORG, Role.EDITOR),
            ("admin", OFFICE, Role.SYSTEM_ADMIN),
            ("reviewer", OFFICE, Role.OFFICE_REVIEWER),
        ):
            add_account(session, username=name, display_name=name, org_code=org, password=PASSWORD, roles=(role,))
    with app.state.sessions.begin() as session:
        admin, editor = actor_named(session, "admin"), actor_named(session, "editor")
        assert admin is not None
        assert editor is not None
        token = create_token(session, admin, org_code=ORG, name="tongji", kind="node", now=datetime.now(UTC))
        record = Resource.model_validate({"title": "统计年报", "provider": {"name": "示例市统计局", "code": ORG}})
        draft = str(register(session, editor, record, settings.classes, datetime.now(UTC)).entry.id)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with served(app) as url:
        key = app.state.directory_key.verifying.key_id
        enrol.init(tmp_path / "tongji", "tongji", url, key, token, new_database(), new_database(), url)
        yield Office(url, draft, tmp_path / "tongji")
    structlog.reset_defaults()
    app.state.engine.dispose()


@pytest.fixture
def page() -> Iterator[Page]:
    with launched() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        opened.set_default_timeout(60_000)  # what is slow is no fault here
        expect.set_options(timeout=30_000)
        yield opened


def as_(page: Page, office: Office, username: str, address: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{office.url}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.goto(f"{office.url}{address}")


def test_a_folder_is_mounted_and_its_node_ordered_to_look(office: Office, page: Page) -> None:
    with Node.open(office.home) as node:
        read_out = grouped(node.keys.identity.key_id)
        as_(page, office, "admin", "/exchange/nodes")
        page.get_by_role("link", name="示例市统计局").click()
        page.get_by_label("对方念出的指纹").fill(read_out)
        page.get_by_role("button", name="核对").click()
        expect(page.get_by_text("已核对")).to_be_visible()

        as_(page, office, "editor", f"/resources/{office.draft}/edit")
        page.locator("#s-mounts > summary").click()
        page.get_by_role("button", name="加一行").last.scroll_into_view_if_needed()
        page.locator("button[value='mounts:add']").click()
        first = page.get_by_label("第 1 行 挂接标识")
        expect(first).to_be_focused()  # its section has stayed open
        first.fill("m1")
        page.get_by_label("第 1 行 挂接种类").select_option("folder")
        assert page.locator("#list-nodes option").get_attribute("value") == "tongji"
        page.get_by_label("第 1 行 前置节点").fill("tongji")
        page.get_by_label("文件路径").fill("2026年报")
        page.get_by_role("button", name="保存草稿").last.click()
        expect(page.get_by_role("status").first).to_contain_text("已保存")

        as_(page, office, "reviewer", "/exchange/orders")
        page.get_by_label("事项").select_option("redrive")
        page.get_by_role("button", name="下达").click()
        expect(page.get_by_role("alert")).to_contain_text(
            "路由"
        )  # what is missing, by its name, and what was chosen stays
        expect(page.get_by_label("事项")).to_have_value("redrive")
        for action in ("probe", "fsck"):
            page.get_by_label("事项").select_option(action)
            page.get_by_role("button", name="下达").click()
        expect(page.get_by_text("等节点取走")).to_have_count(2)
        agent.turn(node, SmallChecker(), node.now())
        page.reload()
        expect(page.get_by_text("办结", exact=True)).to_have_count(2)
        expect(page.get_by_text("不成立的不变量 0")).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
