"""Requests that cannot be granted are refused when they are made, with the thing named; and the clock by share type."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from directory.clock.deadlines import day_of, due
from directory.clock.queries import calendar, count
from directory.limits import LIMITS
from directory.resources.decide import move
from directory.roles import Role
from metadata.resource import LegalBasis, Sharing


def create(town: Any, resource: str, who: str = "clerk", /, **changes: Any) -> Any:
    return town.people[who].client.post("/api/v1/requests", json=town.asks(resource, **changes))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"items": ["sfzhm", "mima"]}, 409, "ITEM_UNKNOWN"),
        ({"items": ["sfzhm", "sfzhm"]}, 409, "ITEM_TWICE"),
        ({"items": []}, 422, "INPUT_MALFORMED"),
        ({"row_filter": {"template": "region", "field": "dz", "prefixes": ["33"]}}, 409, "FILTER_ITEM_UNKNOWN"),
        ({"row_filter": {"template": "sql", "field": "xm", "values": ["1=1"]}}, 422, "INPUT_MALFORMED"),
        (
            {"items": ["xm"], "row_filter": {"template": "equals", "field": "sfzhm", "values": ["1"]}},
            409,
            "FILTER_ITEM_NOT_ASKED",
        ),
        ({"valid_until": "2020-01-01"}, 409, "TERM_PAST"),
        ({"valid_until": "9999-12-31"}, 422, "DAY_FAR"),
        ({"statement": False}, 409, "STATEMENT_UNSIGNED"),
        ({"basis": ""}, 422, "INPUT_MALFORMED"),
        ({"basis": "  "}, 422, "INPUT_MALFORMED"),
        ({"scope": "\u3000\n"}, 422, "INPUT_MALFORMED"),
        ({"scenario": "\u200b\u200d"}, 422, "PART_BLANK"),
        ({"basis": "——"}, 422, "PART_BLANK"),
        ({"statement": 1}, 422, "INPUT_MALFORMED"),
        ({"resource": "99999~1"}, 404, "RESOURCE_NOT_FOUND"),
        ({"surprise": 1}, 422, "INPUT_MALFORMED"),
    ],
)
def test_what_cannot_be_granted_is_refused_by_name(
    town: Any, resource: str, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = create(town, resource, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["next_step"]


@pytest.mark.parametrize("field", ["basis", "scenario", "scope", "items", "valid_until", "statement"])
def test_what_article_20_asks_for_is_asked_item_by_item(town: Any, resource: str, field: str) -> None:
    """使用依据、使用场景、使用范围、使用时限, the items and the promise: each named where it is missing or empty."""
    whole = town.asks(resource)
    empty = whole | {field: [] if field == "items" else ""}
    for body in ({name: value for name, value in whole.items() if name != field}, empty):
        answer = town.people["clerk"].client.post("/api/v1/requests", json=body)
        assert answer.status_code == 422, answer.text
        assert field in answer.text


def test_today_is_not_a_term(town: Any, resource: str) -> None:
    today = day_of(datetime.now(UTC))
    assert create(town, resource, valid_until=today.isoformat()).json()["code"] == "TERM_PAST"
    assert create(town, resource, valid_until=(today + timedelta(days=1)).isoformat()).status_code == 201


def test_a_term_is_no_longer_than_thirty_years(town: Any, resource: str) -> None:
    last = day_of(datetime.now(UTC)) + timedelta(days=LIMITS.use_days)
    assert create(town, resource, valid_until=last.isoformat()).status_code == 201
    answer = create(town, resource, valid_until=(last + timedelta(days=1)).isoformat())
    assert (answer.status_code, answer.json()["code"]) == (422, "DAY_FAR")
    assert last.isoformat() in answer.json()["detail"]


def test_only_a_clerk_of_another_department_asks(town: Any, resource: str) -> None:
    for who in ("own_lead", "reviewer", "editor", "auditor"):
        assert create(town, resource, who).json()["code"] == "FORBIDDEN"
    own = town.city.person(town.orgs["provider"], Role.REQUESTER)
    answer = own.client.post("/api/v1/requests", json=town.asks(resource))
    assert (answer.status_code, answer.json()["code"]) == (409, "OWN_RESOURCE")
    assert town.city.client().post("/api/v1/requests", json=town.asks(resource)).status_code == 401


def test_what_is_not_shared_is_refused_with_its_basis(town: Any) -> None:
    basis = (LegalBasis(title="反间谍法", article="第七条"),)
    sharing = Sharing(share_type="none", legal_basis=basis, conditions="依法不予共享")
    answer = create(town, town.publish("不予共享的目录", sharing))
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_SHARED")
    assert "反间谍法第七条" in answer.json()["detail"]


def test_an_entry_shared_otherwise_or_not_mounted_is_refused(town: Any, conditional: Any) -> None:
    by_query = town.publish("只供查询的目录", conditional(method_types=("query",)))
    assert create(town, by_query).json()["code"] == "METHOD_NOT_OFFERED"
    bare = town.publish("未挂接的目录", conditional(), mounts=())
    assert create(town, bare).json()["code"] == "NOT_MOUNTED"


def test_a_department_without_a_node_is_told_before_it_submits(town: Any, resource: str) -> None:
    org_code = town.city.organisation("示例市文物局")
    clerk, lead = (town.city.person(org_code, role) for role in (Role.REQUESTER, Role.SHARING_LEAD))
    request_id = clerk.client.post("/api/v1/requests", json=town.asks(resource)).json()["id"]
    address = f"/api/v1/requests/{request_id}/transitions"
    assert lead.client.post(address, json={"to": "req_approved"}).status_code == 200
    answer = clerk.client.post(address, json={"to": "submitted"})
    assert (answer.status_code, answer.json()["code"]) == (409, "NO_NODE")
    assert clerk.client.get(f"/api/v1/requests/{request_id}").json()["state"] == "req_approved"


def test_an_entry_suspended_meanwhile_is_not_granted(town: Any, conditional: Any) -> None:
    resource = town.publish("将被暂停的目录", conditional())
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted"))
    with town.city.app.state.sessions.begin() as session:
        move(session, town.people["approver"].actor, resource, "suspended", "核查", datetime.now(UTC))
    answer = town.act("lead", request_id, "agreed")
    assert (answer.status_code, answer.json()["code"]) == (409, "STATUS_FORBIDS")
    shown = town.people["lead"].client.get(f"/api/v1/requests/{request_id}").json()
    assert (shown["state"], shown["stage"], shown["grant_id"]) == ("submitted", "provider", None)


def test_a_mount_on_a_node_that_is_not_the_providers_is_not_granted(town: Any, conditional: Any, mount: Any) -> None:
    resource = town.publish("挂错节点的目录", conditional(), mounts=(mount("biao", node="renshe"),))
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted"))
    assert town.act("lead", request_id, "agreed").json()["code"] == "MOUNT_NODE_UNKNOWN"


def test_the_clock_of_each_share_type(town: Any, resource: str, conditional: Any) -> None:
    free = town.publish("无条件共享的目录", Sharing(share_type="unconditional", method_types=("batch",)))
    for entry, limit in ((free, 1), (resource, 10)):
        today = day_of(datetime.now(UTC))
        request_id = town.bring_to(entry, ("own_lead", "req_approved"), ("clerk", "submitted"))
        shown = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
        with town.city.app.state.sessions() as session:
            days = calendar(session)
        assert shown["due_on"] == shown["reply_due_on"] == due(today, limit, days).due_on.isoformat()
        assert shown["light"] == ("amber" if limit == 1 else "green")
        unknown = {
            f"{year} 年放假安排尚未录入，期限暂按周一至周五计算" for year in (today.year,) if year not in days.years
        }
        assert unknown <= set(shown["warnings"])


def test_the_regulations_example_over_the_seeded_table(town: Any) -> None:
    received_on = datetime(2025, 9, 30).date()
    with town.city.app.state.sessions() as session:
        assert count(session, "REPLY_UNCONDITIONAL", received_on).due_on.isoformat() == "2025-10-09"
        assert count(session, "REPLY_CONDITIONAL", received_on).due_on.isoformat() == "2025-10-21"


def test_administrators_extend_the_calendar(town: Any) -> None:
    received_on = datetime(2030, 9, 30).date()
    with town.city.app.state.sessions() as session:
        before = count(session, "REPLY_UNCONDITIONAL", received_on)
        assert (before.due_on.isoformat(), before.unknown_years) == ("2030-10-01", (2030,))
    with town.city.app.state.sessions() as session:
        session.execute(text("INSERT INTO calendar_year VALUES (2030, '国办发明电〔2029〕1号')"))
        session.execute(text("INSERT INTO calendar_day VALUES ('2030-10-01', 'off', '国庆节')"))
        after = count(session, "REPLY_UNCONDITIONAL", received_on)
        assert (after.due_on.isoformat(), after.unknown_years) == ("2030-10-02", ())


def test_a_text_is_replaced_by_who_read_it_as_they_say(town: Any, resource: str) -> None:
    address, clerk = f"/api/v1/requests/{town.create(resource)['id']}", town.people["clerk"].client
    read = clerk.get(address).headers["etag"]
    amended = town.asks(resource, scope="待遇核发系统，12 人")
    assert clerk.put(address, json=amended, headers={"If-Match": read}).status_code == 200
    late = clerk.put(address, json=amended | {"scope": "全局"}, headers={"If-Match": read})
    assert (late.status_code, late.json()["code"]) == (409, "REQUEST_CHANGED")
    assert "使用范围" in late.json()["detail"]
    strange = clerk.put(address, json=amended, headers={"If-Match": '"new"'})
    assert strange.json()["code"] == "VERSION_REQUIRED"
    shown = clerk.get(address)
    assert (shown.headers["etag"], shown.json()["record"]["scope"]) == ('"2"', "待遇核发系统，12 人")
