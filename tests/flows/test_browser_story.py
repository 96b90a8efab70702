"""One story in a real browser: search, resource, request, approve; as people who only see the pages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from hutong.demo.catalogue import PLACES
from tests.flows.conftest import City
from tests.sim.chromium import launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any script error or refused content."""
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def _is_complaint(message: ConsoleMessage) -> bool:
    """A refused form answers 4xx with its page, which the browser notes; that is no fault of the page."""
    return message.type == "error" and "Failed to load resource" not in message.text


def sign_in(page: Page, city: City, username: str) -> None:
    page.goto(f"{city.url}/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(city.password(username))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("用户名")).to_be_visible()


def test_find_ask_and_approve(city: City, page: Page) -> None:
    sign_in(page, city, "renshe.jingban")
    page.goto(f"{city.url}/resources")
    page.get_by_label("检索词").fill("地名 空间")
    page.get_by_role("button", name="检索").last.click()
    page.get_by_role("link", name=PLACES.title).click()
    expect(page.get_by_role("heading", name=PLACES.title)).to_be_visible()
    expect(page.get_by_text("几何（WKB）")).to_be_visible()
    page.get_by_role("link", name="申请资源").last.click()

    # First without the promise: the refusal stands beside the field, and nothing typed is lost.
    for item in ("地名代码", "标准地名", "行政区划代码"):
        page.get_by_label(item, exact=True).check()
    page.get_by_label("使用依据").fill("《中华人民共和国就业促进法》第三十五条")
    page.get_by_label("使用场景").fill("公共就业服务网点布局")
    page.get_by_label("使用范围").fill("就业促进处")
    page.get_by_label("使用时限").fill((datetime.now(UTC) + timedelta(days=60)).date().isoformat())
    page.get_by_role("button", name="存为申请草稿").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("使用场景")).to_have_value("公共就业服务网点布局")
    expect(page.get_by_label("标准地名", exact=True)).to_be_checked()
    page.locator("input[name=statement]").check()
    page.get_by_role("button", name="存为申请草稿").click()
    page.wait_for_url("**/requests/*-*")
    address = page.url
    sign_out(page)

    sign_in(page, city, "renshe.gongxiang")
    page.goto(f"{city.url}/approvals")
    page.get_by_role("link", name=PLACES.title).first.click()
    assert page.url.startswith(address)
    page.get_by_label("意见").fill("用途明确，同意。")
    page.locator("#decide button[type=submit]").click()
    expect(page.get_by_text("用途明确，同意。")).to_be_visible()
    with city.signed_in("renshe.jingban") as client:
        assert client.get(f"/api/v1/requests/{address.rsplit('/', 1)[1]}").json()["state"] == "req_approved"


def test_the_requester_is_not_offered_the_decision_and_refused_when_forcing_it(city: City, page: Page) -> None:
    with city.signed_in("renshe.jingban") as client:
        own = next(item for item in client.get("/api/v1/requests").json()["items"] if item["state"] == "req_approved")
    sign_in(page, city, "renshe.jingban")
    page.goto(f"{city.url}/requests/{own['id']}")
    page.evaluate(
        """() => { const form = document.querySelector('#decide') || document.querySelector('form[action="/logout"]');
        form.action = location.pathname; form.method = 'post';
        for (const [name, value] of [['to', 'agreed'], ['comment', '同意']]) {
            form.querySelectorAll(`[name=${name}]`).forEach(each => each.remove());
            const field = document.createElement('input'); field.name = name; field.value = value; form.append(field); }
        form.submit(); }"""
    )
    page.wait_for_load_state()
    expect(page.get_by_role("alert").first).to_be_visible()
    with city.signed_in("renshe.jingban") as client:
        assert client.get(f"/api/v1/requests/{own['id']}").json()["state"] == "req_approved"


@pytest.mark.parametrize("username", ["renshe.jingban", "xinxiban.shenhe", "gongan.gongxiang", "tongji.bianmu"])
def test_no_link_is_dead_and_nothing_overflows_a_phone(city: City, browser: Browser, username: str) -> None:
    """Every link of every page one can reach within two steps answers, and no page scrolls sideways at 390 px."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, city, username)
    seen: set[str] = set()
    waiting = ["/"]
    while waiting and len(seen) < 40:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = page.goto(city.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        found = page.eval_on_selector_all(
            "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += [href.split("#")[0] for href in found if href.startswith("/") and not href.startswith("/static")]
        for href in page.eval_on_selector_all("a[download]", "links => links.map(link => link.href)")[:3]:
            assert page.request.get(href).status == 200, href
    context.close()
    assert len(seen) >= 5


def test_screens_for_the_eye(city: City, page: Page, tmp_path: Path) -> None:
    """Screenshots of the five pages, taken so that somebody looks; here only that they are drawn."""
    sign_in(page, city, "xinxiban.juzhang")
    for path in ("", "resources?q=人口", "requests", "approvals", "exchange"):
        page.goto(f"{city.url}/{path}")
        shot = tmp_path / f"{path.split('?')[0] or 'home'}.png"
        page.screenshot(path=shot)
        assert shot.stat().st_size > 20_000
