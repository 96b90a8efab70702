"""The pages of requests in a browser without script: forms, refusals beside their fields, and whose turn it is."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from directory.access import aside
from directory.access.form import Faults, RequestForm, faults_of, to_request
from directory.access.moves import MOVES
from directory.clock.deadlines import Calendar
from directory.clock.words import term_words
from directory.roles import Role
from metadata.access import AccessRequest
from metadata.resource import Mount
from tests.directory.access.conftest import TO_ACCEPTED, conditional_sharing

PASSWORD = "正确的密码-2026-correct"
HTML = {"Accept": "text/html"}
IN_A_YEAR = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()
TYPED = {
    "items": ["sfzhm", "xm", "xzqhdm"],
    "basis": "《社会保险法》第七十四条",
    "scenario": "养老保险待遇资格核验",
    "scope": "待遇核发系统，12 人",
    "frequency": "weekly",
    "valid_until": IN_A_YEAR,
    "statement": "yes",
}


class Browser:
    """A signed-in browser: follows nothing, keeps cookies, sends the forms it was given."""

    def __init__(self, client: Any, username: str) -> None:
        self.client = client
        page = client.get("/login", headers=HTML)
        form = {"username": username, "password": PASSWORD, "next": "/", "csrf_token": token(page.text)}
        assert client.post("/login", data=form, headers=HTML).status_code == 303

    def get(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address, headers=HTML)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def send(self, page: str, address: str, **fields: Any) -> Any:
        """Post a form found on this page."""
        return self.client.post(address, data={"csrf_token": token(self.get(page))} | fields, headers=HTML)


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def browser(town: Any) -> Callable[[str], Browser]:
    """A browser in which this person of the town is signed in."""
    return lambda who: Browser(town.city.client(), town.people[who].actor.username)


def address_of(resource: str) -> str:
    return f"/requests/new?resource={resource}"


def test_signing_in_is_asked_for_and_leads_back(town: Any, resource: str) -> None:
    answer = town.city.client().get(address_of(resource), headers=HTML)
    assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?next=")
    assert "requests/new" in answer.headers["location"]


def test_a_request_is_drafted_approved_submitted_and_agreed_to_on_pages(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    clerk = browser("clerk")
    form = clerk.get(address_of(resource))
    assert "公民身份号码" in form
    assert "个人信息" in form
    answer = clerk.send(address_of(resource), "/requests/new", resource=resource, **TYPED)
    assert answer.status_code == 303, answer.text
    page = answer.headers["location"]
    assert "草稿，待本部门批准" in clerk.get(page)
    for who, act, expected in (
        ("own_lead", "req_approved", "本部门已批准，待提交"),
        ("clerk", "submitted", "已提交，待受理"),
        ("reviewer", "accepted", "已受理，待提供部门答复"),
        ("lead", "agreed", "已同意，待提供部门节点会签"),
    ):
        person = browser(who)
        assert "待您办理" in person.get(page)
        assert page in person.get("/approvals")
        moved = person.send(page, page, to=act, comment=f"意见：{act}")
        assert (moved.status_code, moved.headers["location"]) == (303, page), unescape(moved.text)
        after = person.get(page)
        assert expected in after
        assert f"意见：{act}" in after
    shown = clerk.get(page)
    assert "待提供部门节点会签" in shown
    assert "养老保险待遇资格核验" in shown
    grant_id = town.people["clerk"].client.get(f"/api/v1{page}").json()["grant_id"]
    digest = town.grant(grant_id)["digest"]
    assert digest in shown
    assert town.countersign(grant_id).status_code == 200
    assert "提供部门的节点已核对并会签" in clerk.get(page)


def test_a_folder_is_asked_for_whole(town: Any, browser: Callable[[str], Browser]) -> None:
    folder = Mount(mount_id="f", kind="folder", node="gongan", path="材料/扫描件")
    resource = town.publish("办事材料扫描件", conditional_sharing(method_types=("file",)), mounts=(folder,))
    clerk = browser("clerk")
    assert "整份送达" in clerk.get(address_of(resource))
    refused = clerk.send(address_of(resource), "/requests/new", resource=resource, **TYPED)
    assert refused.status_code == 409
    assert "以文件提供，只能整份申请；还没选：登记日期" in unescape(refused.text)
    request_id = str(town.agreed(resource)["id"])
    page = clerk.get(f"/requests/{request_id}")
    assert "收到的文件夹里的 gongan_扫描件" in re.sub("<[^>]+>", "", page)
    assert "整个文件夹，名称和内容原样" in page


def test_the_keyboard_is_led_nowhere_twice(town: Any, resource: str, browser: Callable[[str], Browser]) -> None:
    """What a request's page offers stands there once, whoever reads it and however far it is."""
    for who, acts in (("clerk", ()), ("own_lead", ()), ("clerk", TO_ACCEPTED[:1]), ("lead", TO_ACCEPTED)):
        page = browser(who).get(f"/requests/{town.bring_to(resource, *acts)}")
        offered = re.findall(r'<(?:a|button)\b[^>]*(?:href|formaction)="([^"#]+)"', page[page.index("<h1>") :])
        assert len(offered) == len(set(offered)), (who, offered)
        forms = re.findall(r'<form\b[^>]*id="decide".*?</form>', page, re.DOTALL)
        assert all(form.count('type="submit"') <= 1 for form in forms)


def test_every_faulty_field_is_named_and_what_was_typed_stays(resource: str, browser: Callable[[str], Browser]) -> None:
    clerk = browser("clerk")
    sent = TYPED | {"items": [], "basis": "", "valid_until": "明年", "statement": "", "scope": "只在<b>内网</b>用"}
    answer = clerk.send(address_of(resource), "/requests/new", resource=resource, **sent)
    assert answer.status_code == 422
    shown = unescape(answer.text)
    for sentence in ("请至少选一个数据项", "请写明使用依据", "请填写使用时限", "请阅读并勾选承诺"):
        assert sentence in shown
    assert "养老保险待遇资格核验" in shown
    assert "<b>内网" not in answer.text
    assert re.search(r'value="weekly" selected', answer.text)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"valid_until": "2020-01-01"}, "不晚于今天"),
        ({"valid_until": "9999-12-31"}, "太远了，最晚填"),
        (
            {"filter_template": "region", "filter_field": "xzqhdm", "filter_values": "九九"},
            "区划代码前缀为 2 至 12 位数字",
        ),
        ({"filter_template": "region", "filter_field": "djrq", "filter_values": "99"}, "不在申请的数据项中"),
        ({"items": ["sfzhm", "mi_mi"]}, "没有数据项：mi_mi"),
        ({"frequency": "hourly"}, "请从所列频次中选择"),
    ],
)
def test_a_refusal_stands_beside_its_field(
    resource: str, browser: Callable[[str], Browser], changes: dict[str, Any], sentence: str
) -> None:
    answer = browser("clerk").send(address_of(resource), "/requests/new", resource=resource, **TYPED | changes)
    assert answer.status_code in {409, 422}
    assert re.search(rf'<p class="err" id="\w+-error">[^<]*{sentence}', unescape(answer.text)), unescape(answer.text)


def test_row_filters_are_read_as_typed() -> None:
    typed = {"resource": "x/y1", **TYPED, "filter_template": "region", "filter_field": "xzqhdm"}
    region = to_request(RequestForm.model_validate(typed | {"filter_values": "9901\n9902，9903"}))
    assert isinstance(region, AccessRequest)
    assert region.row_filter is not None
    assert region.row_filter.model_dump()["prefixes"] == ("9901", "9902", "9903")
    equals = to_request(
        RequestForm.model_validate(typed | {"filter_template": "equals", "filter_values": "在业,存续\r\n吊销 "})
    )
    assert isinstance(equals, AccessRequest)
    assert RequestForm.of(equals).filter_values == "在业,存续\n吊销 "
    empty = to_request(RequestForm.model_validate(typed | {"filter_values": " "}))
    assert isinstance(empty, Faults)
    assert list(empty.fields) == ["filter"]


def test_a_refusal_without_a_field_stands_at_the_head() -> None:
    problem = {"code": "NO_NODE", "detail": "没有节点", "next_step": "注册"}
    assert faults_of(problem).general == (problem,)


def test_a_draft_can_be_changed_by_its_author_only(town: Any, resource: str, browser: Callable[[str], Browser]) -> None:
    page = f"/requests/{town.create(resource)['id']}"
    clerk = browser("clerk")
    assert "养老保险待遇资格核验" in clerk.get(f"{page}/edit")
    answer = clerk.send(f"{page}/edit", f"{page}/edit", resource=resource, **TYPED | {"scenario": "遗属待遇核验"})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert "遗属待遇核验" in clerk.get(page)
    other = browser("second_clerk")
    assert other.client.get(f"{page}/edit", headers=HTML).headers["location"] == page
    forced = other.send(page, f"{page}/edit", resource=resource, **TYPED)
    assert forced.status_code == 403
    assert "此步由申请经办人办理" in unescape(forced.text)


def test_self_approval_is_not_offered_and_refused_in_words(
    town: Any, city: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    both = city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD)
    created = both.client.post("/api/v1/requests", json=town.asks(resource)).json()["id"]
    one = Browser(city.client(), both.actor.username)
    page = f"/requests/{created}"
    shown = one.get(page)
    assert 'value="req_approved"' not in shown
    assert page not in one.get("/approvals")
    forced = one.send(page, page, to="req_approved", comment="同意我自己")
    assert forced.status_code == 403
    assert "SELF_APPROVAL" in forced.text
    assert "草稿，待本部门批准" in unescape(forced.text)


def test_refusing_needs_a_declared_reason_and_keeps_the_opinion(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    acts = (("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted"))
    page = f"/requests/{town.bring_to(resource, *acts)}"
    lead = browser("lead")
    assert "涉及正在侦查的案件" in lead.get(page)
    refused = lead.send(page, page, to="refused", comment="请看意见", reason="")
    assert refused.status_code == 409
    assert re.search(r'id="reason-e"[^>]*>[^<]*不予共享须写明', unescape(refused.text))
    assert "请看意见" in refused.text
    assert lead.send(page, page, to="refused", reason="涉及正在侦查的案件").status_code == 303
    assert "理由：涉及正在侦查的案件" in browser("clerk").get(page)


def test_a_supplement_needs_words_and_no_choice_is_said_so(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    page = f"/requests/{town.bring_to(resource, ('own_lead', 'req_approved'), ('clerk', 'submitted'))}"
    reviewer = browser("reviewer")
    bare = reviewer.send(page, page, to="supplement_asked")
    assert re.search(r'id="comment-e"', bare.text)
    none = reviewer.send(page, page, comment="写了意见没有选")
    assert none.status_code == 422
    assert "还没有选择一项决定" in unescape(none.text)
    assert "写了意见没有选" in none.text
    for forged in ("amended", "provisioned", "x"):
        assert reviewer.send(page, page, to=forged).status_code == 422


def test_agreeing_that_cannot_issue_a_grant_leaves_nothing(
    town: Any, resource: str, browser: Callable[[str], Browser], directory_app: Any
) -> None:
    """The step is written before the grant fails; the page must not keep it."""
    acts = (("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted"))
    request_id = town.bring_to(resource, *acts)
    lead = browser("lead")
    lead.get(f"/requests/{request_id}")
    _revoke(directory_app, is_revoked=True)
    try:
        answer = lead.send(f"/requests/{request_id}", f"/requests/{request_id}", to="agreed")
        assert answer.status_code == 409
        assert "NO_NODE" in answer.text
    finally:
        _revoke(directory_app, is_revoked=False)
    after = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
    assert (after["state"], after["stage"], len(after["steps"])) == ("submitted", "provider", 4)


def _revoke(app: Any, *, is_revoked: bool) -> None:
    """As the database's owner, since a node once revoked stays so."""
    with create_engine(app.state.settings.owner_url).begin() as connection:
        connection.execute(text("ALTER TABLE node DISABLE TRIGGER revoked_for_good"))
        connection.execute(text("UPDATE node SET is_revoked = :it WHERE node_id = 'renshe'"), {"it": is_revoked})
        connection.execute(text("ALTER TABLE node ENABLE TRIGGER revoked_for_good"))


def test_strangers_do_not_see_a_draft(town: Any, resource: str, browser: Callable[[str], Browser]) -> None:
    page = f"/requests/{town.create(resource)['id']}"
    assert "REQUEST_NOT_FOUND" in browser("outside_clerk").get(page, 404)
    assert page not in browser("lead").get("/requests")
    assert page in browser("clerk").get("/requests?group=drafts")


def test_who_may_not_request_is_told_why(town: Any, resource: str, browser: Callable[[str], Browser]) -> None:
    assert "需要角色：经办人" in browser("auditor").get(address_of(resource), 403)
    answer = browser("clerk").client.get("/requests/new", headers=HTML)
    assert answer.headers["location"] == "/resources"


def test_catalogue_entries_wait_for_those_whose_role_they_need(
    town: Any, conditional: Any, browser: Callable[[str], Browser]
) -> None:
    ref = town.register("户籍迁移信息", conditional())
    assert ref in browser("head").get("/approvals")
    assert ref not in browser("editor").get("/approvals")
    assert ref not in browser("approver").get("/approvals")


def test_every_state_has_a_place_in_the_progress() -> None:
    assert set(aside.PROGRESS) == set(MOVES)


def test_the_term_is_drawn_in_working_days() -> None:
    """Received on Tuesday 2025-09-30; the first eight days of October are the holiday, the 11th is made up for."""
    off = frozenset(date(2025, 10, number) for number in range(1, 9))
    calendar = Calendar(off, frozenset({date(2025, 9, 28), date(2025, 10, 11)}), frozenset({2025}))

    class Row:
        counted_from, limit_days, due_on = date(2025, 9, 30), 10, date(2025, 10, 21)
        share_type, state = "conditional", "submitted"

    drawn: Any = aside.term(Row(), calendar, date(2025, 10, 11))  # type: ignore[arg-type]
    assert [cell.day for cell in drawn.days[:4]] == ["10-09", "10-10", "10-11", "10-13"]
    assert [cell.word for cell in drawn.days[-2:]] == ["截止", "起超期"]
    assert [cell.light for cell in drawn.days] == ["green"] * 4 + ["amber"] * 6 + ["red"]
    assert [cell.is_today for cell in drawn.days].index(True) == 2
    assert drawn.heading == "第 3 日，还有 7 个工作日"
    assert "10 个工作日内答复（条例第 21 条）" in drawn.explanation
    assert term_words(date(2025, 10, 21), date(2025, 10, 21), calendar) == "今天到期"
    assert term_words(date(2025, 10, 21), date(2025, 10, 23), calendar) == "超期 2 个工作日"
    assert term_words(date(2025, 10, 17), date(2025, 10, 19), calendar) == "已超期"


def test_who_decides_has_read_the_text_that_is_decided_on(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    """A colleague amends the draft while its lead has the page open."""
    request_id = town.create(resource)["id"]
    lead, at = browser("own_lead"), f"/requests/{request_id}"
    shown = lead.get(at)
    clerk = town.people["clerk"].client
    view = clerk.get(f"/api/v1{at}").json()
    amended = {**view["record"], "scope": "待遇核发系统，20 人", "scenario": "养老保险待遇资格核验与追回"}
    assert clerk.put(f"/api/v1{at}?version={view['version']}", json=amended).status_code == 200
    assert hidden_version(shown) == str(view["version"])
    refused = lead.send(at, at, to="req_approved", version=hidden_version(shown))
    assert refused.status_code == 409
    assert "REQUEST_CHANGED" in refused.text
    assert "使用场景、使用范围" in refused.text
    late = clerk.put(f"/api/v1{at}?version={view['version']}", json=amended)
    assert (late.status_code, late.json()["code"]) == (409, "REQUEST_CHANGED")
    late = clerk.post(f"/api/v1{at}/transitions", json={"to": "discarded", "version": view["version"]})
    assert (late.status_code, late.json()["code"]) == (409, "REQUEST_CHANGED")
    form = {**TYPED, "resource": resource}
    stale = browser("clerk").send(f"{at}/edit", f"{at}/edit?version={view['version']}", **form)
    assert (stale.status_code, "REQUEST_CHANGED" in stale.text) == (409, True)
    assert f"/edit?version={view['version'] + 1}" in stale.text
    assert lead.send(at, at, to="req_approved", version=hidden_version(refused.text)).status_code == 303


def hidden_version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_whoever_comes_late_is_told_who_was_quicker_and_not_that_they_may_not(
    town: Any, resource: str, browser: Callable[[str], Browser]
) -> None:
    """Both leads' pages are open; one agrees, and the other's answer comes after it."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    lead, at = browser("lead"), f"/requests/{request_id}"
    seen = re.search('name="seen" value="([0-9]+)"', lead.get(at))
    assert seen
    assert lead.send(at, at, to="agreed", comment="同意提供。", seen=seen[1]).status_code == 303
    late = lead.send(at, at, to="refused", reason="无法定职责依据", comment="我写的意见", seen=seen[1])
    page = unescape(late.text)
    assert (late.status_code, "REQUEST_MOVED" in page, "FORBIDDEN" in page) == (409, True, False)
    assert re.search("您打开这份申请以后，.+ 在 [0-9-]+ [0-9:]+ 办了“同意”，现在是“", page)
    assert "我写的意见</textarea>" in page
    assert not re.search('name="to" value="[a-z_]+" checked', page), "nothing is chosen for them"
    again = lead.send(at, at, to="refused", comment="还是要办", seen=str(int(seen[1]) + 1))
    assert "REQUEST_MOVED" not in again.text
