"""Work orders: issued by the office and by a department's own operator, told in the feed, answered by their node."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from directory.roles import Role
from metadata.feed import FeedPage
from metadata.orders import OrderNotice, OrderResult, WorkOrder
from metadata.signed import Signed
from standards.crypto import SigningKey, VerifyingKey, digest_hex

ROUTE = "r-0123456789abcdef01234567"


@pytest.fixture(scope="module")
def office(city: Any) -> Any:
    return city.person(city.organisation("示例市信息办", is_office=True), Role.OFFICE_REVIEWER, username="order-office")


def _issue(person: Any, node: Any, action: str = "run", **body: Any) -> Any:
    return person.client.post(f"/api/v1/nodes/{node.name}/orders", json={"action": action} | body)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def _result(node: Any, order_id: str, *, key: SigningKey | None = None, **changes: Any) -> dict[str, Any]:
    facts = {"order_id": order_id, "node_id": node.name, "outcome": "done", "facts": {"planned": 1}}
    said = OrderResult.model_validate(facts | {"at": datetime.now(UTC)} | changes)
    return Signed.sign("order_result/1", said, key or node.identity).model_dump(mode="json")


def _post(node: Any, *results: dict[str, Any], to: str = "") -> Any:
    return node.call("POST", f"/api/v1/nodes/{to or node.name}/order-results", list(results))


def test_an_order_stands_in_the_feed_under_the_directorys_signature(
    city: Any, office: Any, new_node: Callable[..., Any], session: Session
) -> None:
    node = new_node("order_a")
    answer = _issue(office, node, "redrive", arguments={"route_id": ROUTE, "seq": 3}, valid_hours=2)
    assert answer.status_code == 201, answer.text
    order = WorkOrder.model_validate(answer.json())
    assert (order.expires_at - order.issued_at).total_seconds() == 7200
    page = FeedPage.from_bytes(node.call("GET", "/api/v1/feed?after=0").content)
    (entry,) = [each for each in page.entries if each.kind == "work_order"][-1:]
    directory = VerifyingKey(bytes.fromhex(city.client().get("/api/v1/directory-key").json()["public"]))
    assert page.addressed[-1].open("work_order/1", WorkOrder, {directory.key_id: directory}.get) == order
    notice = entry.body.open("order_notice/1", OrderNotice, {directory.key_id: directory}.get)
    assert (notice.node_id, notice.order_digest) == (node.name, digest_hex(page.addressed[-1].payload_bytes()))
    other = FeedPage.from_bytes(new_node("order_other").call("GET", "/api/v1/feed?after=0").content)
    assert (entry in other.entries, other.addressed) == (True, ())
    assert order.arguments == {"route_id": ROUTE, "seq": 3}
    noted = session.scalar(
        text("SELECT count(*) FROM audit_out WHERE convert_from(bytes, 'UTF8') LIKE '%order:issue%'")
    )
    logged = session.scalar(
        text("SELECT count(*) FROM audit_log WHERE convert_from(bytes, 'UTF8') LIKE '%order:issue%'")
    )
    assert int(noted or 0) + int(logged or 0) >= 1


def test_only_the_office_and_the_departments_own_operator_issue(
    city: Any, office: Any, new_node: Callable[..., Any]
) -> None:
    node = new_node("order_b")
    own, other = city.person(node.org_code, Role.OPERATOR), city.person(city.organisation(), Role.OPERATOR)
    assert _issue(own, node, "probe").status_code == 201
    assert _code(_issue(other, node, "probe")) == (403, "FORBIDDEN")
    assert _code(_issue(city.person(node.org_code, Role.SHARING_LEAD), node, "probe")) == (403, "FORBIDDEN")
    assert city.client().post(f"/api/v1/nodes/{node.name}/orders", json={"action": "probe"}).status_code == 401
    listed = own.client.get(f"/api/v1/nodes/{node.name}/orders").json()
    assert [line["order"]["action"] for line in listed] == ["probe"]
    stranger = city.person(city.organisation(), Role.REQUESTER)
    assert stranger.client.get(f"/api/v1/nodes/{node.name}/orders").json() == []
    assert len(office.client.get(f"/api/v1/nodes/{node.name}/orders").json()) == 1


def test_what_no_node_could_do_is_refused(administrator: Any, office: Any, new_node: Callable[..., Any]) -> None:
    node, relay = new_node("order_c"), new_node("order_relay", kind="relay")
    assert _code(_issue(office, node, "format_disk")) == (422, "ORDER_PROCEDURE_UNKNOWN")
    assert _code(_issue(office, node, "redrive", arguments={"route_id": ROUTE})) == (422, "ORDER_ARGUMENT_BAD")
    assert _code(_issue(office, node, "run", arguments={"force": 1})) == (422, "ORDER_ARGUMENT_BAD")
    assert _code(_issue(office, relay, "fsck")) == (409, "ORDER_TO_RELAY")
    assert _issue(office, node, "run", valid_hours=0).status_code == 422
    assert _code(office.client.post("/api/v1/nodes/nobody/orders", json={"action": "run"})) == (404, "NODE_NOT_FOUND")
    gone = administrator.client.post(
        f"/api/v1/nodes/{node.name}/transitions", json={"to": "revoked", "comment": "设备报废"}
    )
    assert gone.status_code == 200, gone.text
    assert _code(_issue(office, node)) == (403, "NODE_REVOKED")


def test_a_node_answers_its_own_orders_once_in_its_own_name(
    office: Any, new_node: Callable[..., Any], session: Session
) -> None:
    node, other = new_node("order_d"), new_node("order_e")
    order_id = _issue(office, node).json()["order_id"]
    assert _code(_post(other, _result(other, order_id))) == (404, "ORDER_NOT_FOUND")
    assert _code(_post(node, _result(node, "o-" + "0" * 32))) == (404, "ORDER_NOT_FOUND")
    assert _code(_post(other, _result(node, order_id), to=node.name)) == (403, "NOT_THIS_NODE")
    assert _post(node, _result(node, order_id, key=other.identity)).status_code == 401
    assert _code(_post(node, _result(node, order_id, node_id=other.name))) == (403, "NOT_THIS_NODE")
    assert _post(node, _result(node, order_id)).json() == {"accepted": 1}
    again = _result(node, order_id, outcome="failed", code="BATCH_UNKNOWN")
    assert _post(node, again).json() == {"accepted": 0}
    (line,) = office.client.get(f"/api/v1/nodes/{node.name}/orders").json()
    assert (line["result"]["outcome"], line["result"]["facts"]) == ("done", {"planned": 1})
    for change in ("DELETE FROM work_order", "UPDATE work_order SET body = ''", "UPDATE work_order SET action = 'x'"):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text(change))


def test_the_page_orders_and_shows_what_came_of_it(city: Any, office: Any, new_node: Callable[..., Any]) -> None:
    node = new_node("order_f")
    browser = city.browser(office.actor.username)
    assert "/exchange/orders" in browser.get("/exchange").text
    typed = {"node_id": node.name, "action": "redrive", "route_id": ROUTE, "seq": "drei"}
    refused = browser.send("/exchange/orders", "/exchange/orders", **typed)
    assert refused.status_code == 422
    assert "seq" in refused.text
    assert ROUTE in refused.text
    sent = browser.send("/exchange/orders", "/exchange/orders", **(typed | {"seq": "2"}))
    assert (sent.status_code, sent.headers["location"]) == (303, "/exchange/orders")
    listed = browser.get("/exchange/orders").text
    assert "等节点取走" in listed
    for shown in (listed, browser.get(f"/exchange/nodes/{node.name}").text):
        assert office.actor.display_name in shown.partition("</header>")[2], "who ordered it has a name"
        assert office.actor.username not in shown.partition("</header>")[2]
    order_id = office.client.get(f"/api/v1/nodes/{node.name}/orders").json()[0]["order"]["order_id"]
    failed = {"outcome": "failed", "code": "BATCH_UNKNOWN", "explanation_zh": "台账里没有批次", "facts": {}}
    assert _post(node, _result(node, order_id, **failed)).json() == {"accepted": 1}
    shown = browser.get("/exchange/orders").text
    assert "未办成" in shown
    assert "BATCH_UNKNOWN" in shown
    run = {"node_id": node.name, "action": "run", "force": "yes"}
    assert browser.send("/exchange/orders", "/exchange/orders", **run).status_code == 303
    newest = office.client.get(f"/api/v1/nodes/{node.name}/orders").json()[0]["order"]
    assert newest["arguments"] == {"force": True}
    assert _post(node, _result(node, newest["order_id"])).json() == {"accepted": 1}
    assert "排出 1" in browser.get("/exchange/orders").text
    reader = city.person(node.org_code, Role.EDITOR)
    page = city.browser(reader.actor.username).get("/exchange/orders")
    assert page.status_code == 200
    assert 'action="/exchange/orders"' not in page.text
