"""The exchange pages: what a node reports is what the page says, to those it concerns and nobody else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from directory.roles import Role
from tests.sim.receipts import told

HTML = {"Accept": "text/html"}
KINDS = ("stored", "verified", "checked", "applied")


class Reports:
    """A route of its own, and the two nodes that speak of its batches."""

    def __init__(self, town: Any, resource: str) -> None:
        self.town = town
        agreed = town.agreed(resource)
        self.request_id, self.grant_id = agreed["id"], agreed["grant_id"]
        assert town.countersign(self.grant_id).status_code == 200
        self.route_id = town.grant(self.grant_id)["route_id"]

    def say(self, end: str, seq: int, state: str, **more: Any) -> None:
        node = self.town.nodes[end]
        body = {"route_id": self.route_id, "seq": seq, "grant_id": self.grant_id, "state": state, "node_id": node.name}
        answer = node.call(
            "POST", f"/api/v1/nodes/{node.name}/status", [body | {"at": datetime.now(UTC).isoformat()} | more]
        )
        assert answer.json() == {"accepted": 1}, answer.text

    def sign(self, seq: int, *kinds: str, **more: Any) -> None:
        for kind in kinds:
            node = self.town.nodes["relay" if kind == "stored" else "requester"]
            values = {"kind": kind, "route_id": self.route_id, "seq": seq, "batch_digest": f"{seq:064x}"}
            said = told(node.identity, **values | {"by_node_id": node.name, "at": datetime.now(UTC)} | more)
            body = [said.model_dump(mode="json")]
            answer = self.town.nodes["requester"].call("POST", "/api/v1/nodes/renshe/receipts", body)
            assert answer.json() == {"accepted": 1}, answer.text

    def arrive(self, seq: int, rows: int, **more: Any) -> None:
        self.say("provider", seq, "closed", rows=rows, sealed_bytes=2_345_678, checks_run=12, checks_passed=12, **more)
        self.say("requester", seq, "closed", rows=rows, checks_run=12, checks_passed=12)
        self.sign(seq, *KINDS, rows=rows)


@pytest.fixture(scope="module")
def reports(town: Any, conditional: Any, mount: Any) -> Reports:
    return Reports(town, town.publish("机动车登记信息", conditional(), mounts=(mount("che_liang"),)))


@pytest.fixture
def look(town: Any) -> Callable[..., str]:
    """The text of a page as this person's account gets it."""

    def get(who: str, address: str, status: int = 200) -> str:
        answer = town.people[who].client.get(address, headers=HTML)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    return get


def test_the_pages_ask_who_is_there(city: Any) -> None:
    answer = city.client().get("/exchange", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/exchange")


def test_without_routes_the_page_says_how_one_comes_about(city: Any) -> None:
    alone = city.person(city.organisation("示例市气象局"), Role.REQUESTER)
    page = alone.client.get("/exchange", headers=HTML).text
    assert "还没有要送的批次" in page
    assert '<svg class="chart' not in page
    nobody = city.person(city.organisation())
    assert nobody.client.get("/exchange", headers=HTML).status_code == 403


def test_a_batch_that_arrived_shows_its_four_receipts(reports: Reports, look: Callable[..., str]) -> None:
    reports.arrive(1, 50_012, set_aside=3)
    page = look("operator", "/exchange")
    assert "机动车登记信息" in page
    assert "50,012" in page
    assert "24 / 24" in page
    assert "2.2 MB" in page
    assert page.count("回执已签") == 4
    assert "单列 3 行" in page
    assert "已办结" in page
    detail = look("clerk", f"/exchange/{reports.route_id}/1")
    assert detail.count(f"{1:064x}") == 4
    assert f"/requests/{reports.request_id}#grant" in detail
    assert f"/requests/{reports.request_id}" not in look("operator", f"/exchange/{reports.route_id}/1")


def test_what_stands_still_says_why_the_code_after_it_and_what_to_do(
    reports: Reports, look: Callable[..., str]
) -> None:
    reports.say("provider", 2, "stored", rows=50_020, sealed_bytes=9)
    reports.sign(2, "stored")
    reason = {"code": "SIG_BAD", "explanation_zh": "批次的签名对不上", "next_step": "由提供部门重新封装。"}
    reports.say("requester", 2, "quarantined", **reason)
    for who in ("lead", "clerk", "approver", "auditor"):
        page = look(who, "/exchange?show=attention")
        assert re.search(r"批次的签名对不上。<b>下一步：</b>由提供部门重新封装。 <code>SIG_BAD</code>", page)
        assert "1 批已隔离" in page
        assert 'role="alert"' in page
    assert "最后确认：已存入中继" in look("lead", f"/exchange/{reports.route_id}/2")
    reports.arrive(3, 50_021)
    assert "其后第 3 批已入库" in look("lead", f"/exchange?route={reports.route_id}")
    assert "没有要处理的批次" in look("lead", "/exchange?show=attention")


def test_other_departments_see_nothing_of_it(reports: Reports, look: Callable[..., str]) -> None:
    assert reports.route_id not in look("outside_clerk", "/exchange")
    assert "BATCH_NOT_FOUND" in look("outside_clerk", f"/exchange/{reports.route_id}/1", 404)
    assert "没有符合条件的路由" in look("lead", "/exchange?route=r-nothing")
    assert "BATCH_NOT_FOUND" in look("lead", f"/exchange/{reports.route_id}/999", 404)


def test_a_suspended_grant_shows_on_its_route(reports: Reports, town: Any, look: Callable[..., str]) -> None:
    address = f"/api/v1/grants/{reports.grant_id}/transitions"
    lead = town.people["lead"].client
    assert lead.post(address, json={"to": "suspended", "comment": "核查"}).status_code == 200
    assert "授权暂停" in look("operator", "/exchange")
    assert lead.post(address, json={"to": "active", "comment": "恢复"}).status_code == 200


def test_what_a_node_writes_is_text_and_not_markup(reports: Reports, town: Any) -> None:
    reports.say("provider", 4, "held", code="X<b>", explanation_zh="<script>alert(1)</script>", next_step="<i>")
    page = town.people["lead"].client.get("/exchange?show=attention", headers=HTML).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_paging_and_narrowing_keep_each_other(reports: Reports, look: Callable[..., str]) -> None:
    page = look("operator", f"/exchange?route={reports.route_id}&show=all&start=0")
    assert f"/exchange?show=attention&route={reports.route_id}" in page
    assert "机动车登记信息：示例市公安局 → 示例市人力资源和社会保障局" in page
    assert re.search(r"共 \d+ 批", page)
    answer = look("operator", f"/exchange?route={reports.route_id}&start=500")
    assert "第 1–" in answer  # beyond the end is the beginning
