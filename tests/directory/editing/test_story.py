"""One entry's way to publication in a real browser without script, by people who only see the pages."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from directory.roles import Role
from tests.directory.conftest import PASSWORD


@pytest.fixture(scope="module")
def url(directory_app: Any) -> Iterator[str]:
    """The directory served on a free port, with its sequencer."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(directory_app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def desk(chromium: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """A page for a person, signed in; any refused content fails the test."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def sit_down(person: Any, width: int = 1366, *, has_script: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=has_script, base_url=url
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", hear)
        page.goto("/login")
        page.get_by_label("用户名").fill(person.actor.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    yield sit_down
    for context in contexts:
        context.close()
    assert complaints == []


def choose(page: Page, tab: str, title: str) -> None:
    page.goto(f"/catalogue?tab={tab}")
    page.get_by_label(f"勾选 {title}").check()


def test_from_a_template_to_publication(department: Any, office: Any, city: Any, desk: Callable[..., Page]) -> None:
    title = "企业登记基本信息"
    editor = desk(department.editor)
    editor.goto("/catalogue")
    editor.get_by_role("link", name="新建目录").first.click()
    editor.get_by_role("button", name="法人单位").click()

    # A first attempt with mistakes: each is said beside its field, and nothing typed is lost.
    editor.get_by_label("摘要").fill("在本市登记的企业的名称、住所和登记状态。")
    editor.get_by_label("第 1 行 长度").fill("18位")
    editor.get_by_role("button", name="保存并检查").click()
    expect(editor.get_by_role("alert")).to_contain_text("改正 2 处")
    expect(editor.get_by_label("目录名称")).to_be_focused()
    expect(editor.get_by_label("第 1 行 长度")).to_have_value("18位")
    editor.get_by_label("第 1 行 长度").fill("18")
    editor.get_by_label("目录名称").fill(title)
    editor.get_by_label("目录名称").press("Enter")  # saves, and presses no other button of the form
    expect(editor.get_by_role("status").first).to_contain_text("已登记为草稿")

    # Parts that only some choices ask for appear with the choice.
    expect(editor.get_by_label("共享范围")).to_be_hidden()
    editor.get_by_role("radio", name="有条件共享").check()
    editor.get_by_label("共享范围").fill("各区政务服务中心")
    editor.get_by_label("使用用途").fill("业务协同")
    editor.get_by_label("批量交换").check()
    editor.get_by_label("数据分类", exact=False).first.fill("企业信息")
    editor.get_by_label("数据分级").fill("一般数据2级")
    editor.get_by_label("更新周期").select_option("daily")
    editor.get_by_text("从 Excel 粘贴").first.click()
    editor.get_by_label("从 Excel 粘贴数据项").fill(
        "数据项名称\t字段名\t类型\t长度\n登记机关名称\tdjjgmc\tvarchar\t100"
    )
    editor.get_by_role("button", name="粘贴成数据项").click()
    expect(editor.locator("input[value=djjgmc]")).to_be_visible()
    editor.get_by_role("button", name="保存并检查").click()
    for kind in ("保密风险评估", "个人信息保护影响评估"):
        editor.get_by_role("link", name="评估", exact=True).first.click()
        editor.get_by_label(kind).check()
        editor.get_by_label("评估结论").fill("不涉密，可以有条件共享。")
        editor.get_by_label("通过", exact=True).check()
        editor.get_by_role("button", name="登记这项评估").click()
        expect(editor.get_by_role("status").first).to_contain_text(f"已登记{kind}")
        editor.get_by_role("link", name=title).click()

    head, reviewer = desk(department.head), desk(office.reviewer)
    choose(head, "ready", title)
    head.get_by_role("button", name="审核通过勾选的").click()
    expect(head.get_by_role("status")).to_contain_text("办成 1 条")
    choose(editor, "head_approved", title)
    editor.get_by_role("button", name="提交勾选的").click()

    # The office returns it; the editor finds the reasons beside the fields, mends and sends it again.
    reviewer.goto("/catalogue?tab=submitted")
    reviewer.get_by_role("link", name=title, exact=True).click()
    reviewer.get_by_role("link", name="逐字段退回").click()
    reviewer.get_by_label("摘要的退回理由").fill("请写明覆盖的企业类型")
    reviewer.get_by_label("数据项第 2 行的退回理由").fill("请核对长度")
    reviewer.get_by_role("button", name="退回给编目员").click()
    editor.goto("/catalogue?tab=returned")
    editor.get_by_role("link", name=f"编辑 {title}").click()
    expect(editor.get_by_text("退回意见 请写明覆盖的企业类型")).to_be_visible()
    editor.get_by_label("摘要").fill("全市各类企业的名称、住所和登记状态。")
    editor.get_by_role("button", name="保存草稿").last.click()
    choose(head, "ready", title)
    head.get_by_role("button", name="审核通过勾选的").click()
    choose(editor, "head_approved", title)
    editor.get_by_role("button", name="提交勾选的").click()
    choose(reviewer, "submitted", title)
    reviewer.get_by_role("button", name="审核通过勾选的").click()
    approver = desk(office.approver)
    choose(approver, "reviewed", title)
    approver.get_by_role("button", name="发布勾选的").click()
    expect(approver.get_by_role("status")).to_contain_text("办成 1 条")

    reader = desk(city.person(city.organisation(), Role.REQUESTER))
    reader.goto("/resources")
    reader.get_by_label("检索词").fill("登记机关")
    reader.get_by_role("button", name="检索").last.click()
    reader.get_by_role("link", name=title).click()
    expect(reader.get_by_role("link", name="申请资源").last).to_be_visible()


def test_no_page_scrolls_sideways_on_a_phone(department: Any, desk: Callable[..., Page]) -> None:
    ref = department.register(title="一条名称很长的目录" * 8, abstract="A" * 300)["id"]
    editor = desk(department.editor, 390, has_script=True)
    pages = ("/catalogue?tab=draft", "/resources/new", "/resources/new?library=population", f"/resources/{ref}")
    ways = ("edit?check=1", "versions", "diff?from=1&to=1", "assess")
    for address in (*pages, *(f"/resources/{ref}/{way}" for way in ways)):
        answer = editor.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert editor.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_form_can_be_filled_by_keyboard_alone(department: Any, desk: Callable[..., Page]) -> None:
    """From the title on by Tab to each control; the row's buttons keep the focus where the row went."""
    editor = desk(department.editor, has_script=True)
    editor.goto("/resources/new?library=")
    expect(editor.get_by_label("目录名称")).to_be_focused()
    editor.keyboard.type("键盘编目")
    unreached = {"abstract", "items[0].name", "items[2].sensitivity", "sharing.share_type", "openness.is_open"}
    for _ in range(120):
        editor.keyboard.press("Tab")
        unreached.discard(str(editor.evaluate("document.activeElement.name")))
        if not unreached:
            break
    assert not unreached
    editor.locator("[name='items[0].name']").fill("甲")
    editor.locator("button[value='items:down:0']").focus()
    editor.keyboard.press("Enter")
    editor.wait_for_load_state()
    expect(editor.locator("button[value='items:down:1']")).to_be_focused()
    expect(editor.locator("[name='items[1].name']")).to_have_value("甲")
