"""A use in force is changed: never two grants at once, never a gap; what only becomes less needs no new consent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from directory.access.queries import locked
from directory.roles import Role
from metadata.access import GrantNotice
from metadata.feed import FeedEntry
from metadata.signed import Signed
from tests.directory.access.conftest import (
    CERTIFICATE,
    ITEMS,
    TO_ACCEPTED,
    TO_AGREED,
    TODAY,
    Town,
    conditional_sharing,
    granted,
    mount_of,
    refused,
    shown,
    waits,
)

Ask = Callable[..., Any]
FEWER = [item.field for item in ITEMS if item.field != "djrq"]
OWN_REGION = {"template": "region", "field": "xzqhdm", "prefixes": ["3301"]}


@pytest.fixture(scope="module")
def ask(town: Town) -> Ask:
    """The clerk asks for a change: ``ask(request_id, resource, frequency="weekly")``."""

    def call(request_id: str, resource: str, /, who: str = "clerk", reason: str = "业务调整", **changes: Any) -> Any:
        body = {"reason": reason, "request": town.asks(resource, **changes)}
        return town.people[who].client.post(f"/api/v1/requests/{request_id}/changes", json=body)

    return call


def _take(town: Town, request_id: str, acts: Any) -> Any:
    for who, to in acts:
        answer = town.act(who, request_id, to)
        assert answer.status_code == 200, answer.text
    return answer.json()


def _in_force(feed: list[Any]) -> list[set[str]]:
    """After each entry of the feed, the countersigned grants of the town's routes that have not ended."""
    issued: set[str] = set()
    bound: set[str] = set()
    states = []
    for each in feed:
        entry = FeedEntry.model_validate(each)
        payload = entry.body.payload_bytes()
        if entry.kind == "grant":
            issued.add(GrantNotice.from_bytes(payload).grant_id)
        elif entry.kind == "countersignature":
            bound.add(_grant_of(entry.body))
        elif entry.kind == "grant_change" and b'"to":"terminated"' in payload:
            bound.discard(_grant_of(entry.body))
        states.append(set(bound))
    return states


def _grant_of(body: Signed) -> str:
    from json import loads  # noqa: PLC0415

    return str(loads(body.payload_bytes())["grant_id"])


def test_less_is_granted_on_acceptance_and_replaces_in_one_step(
    town: Town, resource: str, in_use: Any, ask: Ask, feed_of: Callable[[], list[Any]], first_rows: Any
) -> None:
    old = in_use(resource)
    until = (TODAY + timedelta(days=30)).isoformat()
    less = {"items": FEWER, "row_filter": OWN_REGION, "frequency": "weekly", "valid_until": until}
    assert refused(ask(old, resource, reason=" ", **less), 409, "COMMENT_REQUIRED")
    assert refused(ask(old, resource), 409, "CHANGE_NONE")
    assert refused(ask(old, resource, who="outside_clerk", **less), 404, "REQUEST_NOT_FOUND")
    assert refused(ask(old, resource, method="query"), 422, "INPUT_MALFORMED")  # there is no gateway
    made = ask(old, resource, **less)
    assert made.status_code == 201, made.text
    change = made.json()["change"]
    assert (change["replaces"], change["is_within"], change["reason"]) == (old, True, "业务调整")
    assert [(line["aspect"], line["direction"]) for line in change["lines"]] == [
        ("items", "less"),
        ("rows", "less"),
        ("frequency", "less"),
        ("term", "less"),
    ]
    assert change["lines"][0]["before"] == "登记日期"
    assert change["lines"][1]["after"] == "“行政区划代码”以 3301 开头的行"
    assert refused(ask(old, resource, **less), 409, "RENEWAL_OPEN")
    renewals = f"/api/v1/requests/{old}/renewals"  # nor does a renewal throw away what was drafted
    assert refused(town.people["clerk"].client.post(renewals, json=town.asks(resource)), 409, "RENEWAL_OPEN")
    new = made.json()["id"]
    agreed = _take(town, new, TO_ACCEPTED)  # accepted, and agreed to by what was agreed before
    assert (agreed["state"], agreed["steps"][-1]["act"]) == ("agreed", "agreed")
    assert "对原申请的同意之内" in agreed["steps"][-1]["comment"]
    assert agreed["steps"][-1]["by"] == shown(town, old)["steps"][4]["by"]
    assert not waits(town, "lead", old)
    old_grant, new_grant = shown(town, old)["grant_id"], agreed["grant_id"]
    assert shown(town, old)["state"] == "active"
    before = len(feed_of())
    assert town.countersign(new_grant).status_code == 200
    assert town.countersign(new_grant).status_code == 200  # said again, nothing happens again
    feed = feed_of()
    assert [each["kind"] for each in feed[before:]] == ["countersignature", "grant_change"]
    assert (old_grant in _in_force(feed)[before - 1], new_grant in _in_force(feed)[before - 1]) == (True, False)
    assert (old_grant in _in_force(feed)[-1], new_grant in _in_force(feed)[-1]) == (False, True)
    grant = granted(town, new_grant)
    assert ([item.field for item in grant.items], grant.frequency) == (FEWER, "weekly")
    assert grant.row_filter is not None
    assert grant.route_id == granted(town, old_grant).route_id
    seen = shown(town, old)
    assert (seen["state"], seen["stage"], seen["waits_for"]) == ("replaced", "", [])  # nothing is left to dispose of
    first_rows(new_grant)
    assert shown(town, new)["state"] == "active"
    # what had arrived for the first is held under the second: it is disposed of when that ends
    over = town.act("own_lead", new, "purpose_done", comment="不再需要")
    assert (over.json()["state"], over.json()["stage"]) == ("purpose_done", "disposal")


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"scenario": "统计分析"}, "purpose"),
        ({"basis": "《统计法》第七条"}, "basis"),
        ({"valid_until": (TODAY + timedelta(days=900)).isoformat()}, "term"),
    ],
)
def test_more_needs_the_providers_consent_anew(
    town: Town, resource: str, in_use: Any, ask: Ask, changes: dict[str, Any], aspect: str
) -> None:
    old = in_use(resource, items=FEWER)
    made = ask(old, resource, items=FEWER, frequency="weekly", **changes).json()
    assert (made["change"]["is_within"], aspect in [line["aspect"] for line in made["change"]["lines"]]) == (
        False,
        True,
    )
    accepted = _take(town, made["id"], TO_ACCEPTED)
    assert (accepted["state"], accepted["stage"], accepted["due_on"] is not None) == ("submitted", "provider", True)
    refusal = town.act("lead", made["id"], "refused", reason="涉及正在侦查的案件")
    assert refusal.status_code == 200, refusal.text
    assert shown(town, old)["state"] == "active"  # nothing has changed


def test_more_agreed_to_replaces_too_and_passing_on_is_more(town: Town, resource: str, in_use: Any, ask: Ask) -> None:
    old = in_use(resource, items=FEWER, row_filter=OWN_REGION)
    made = ask(old, resource, row_filter=OWN_REGION, scope="交由第三方公司核验").json()
    assert [line["aspect"] for line in made["change"]["lines"]] == ["items", "purpose"]
    agreed = _take(town, made["id"], TO_AGREED)
    assert (agreed["state"], shown(town, old)["state"]) == ("agreed", "active")
    assert town.countersign(agreed["grant_id"]).status_code == 200
    assert (shown(town, old)["state"], shown(town, made["id"])["state"]) == ("replaced", "provisioned")
    assert refused(ask(old, resource), 409, "CHANGE_STATE")


def test_amending_a_change_cannot_bring_back_what_is_granted(town: Town, resource: str, in_use: Any, ask: Ask) -> None:
    old = in_use(resource)
    made = ask(old, resource, frequency="weekly").json()["id"]
    clerk = town.people["clerk"].client
    assert refused(clerk.put(f"/api/v1/requests/{made}", json=town.asks(resource)), 409, "CHANGE_NONE")
    amended = clerk.put(f"/api/v1/requests/{made}", json=town.asks(resource, frequency="monthly"))
    assert [line["after"] for line in amended.json()["change"]["lines"]] == ["每月一次"]


@pytest.mark.parametrize("to", ["suspended", "terminated"])
def test_a_change_under_way_ends_with_what_is_stopped(
    town: Town, resource: str, in_use: Any, ask: Ask, to: str
) -> None:
    old = in_use(resource)
    made = ask(old, resource, frequency="weekly").json()["id"]
    grant_id = _take(town, made, TO_ACCEPTED)["grant_id"]
    stopped = town.people["approver"].client.post(
        f"/api/v1/grants/{shown(town, old)['grant_id']}/transitions", json={"to": to, "comment": "超出范围使用"}
    )
    assert stopped.status_code == 200, stopped.text
    assert shown(town, made)["state"] == "terminated"
    assert town.countersign(grant_id).json()["code"] == "MOVE_ILLEGAL"  # nobody's use goes on under another grant


def test_a_change_of_what_was_suspended_meanwhile_waits(town: Town, resource: str, in_use: Any, ask: Ask) -> None:
    old = in_use(resource)
    made = ask(old, resource, frequency="weekly").json()["id"]
    _take(town, made, TO_ACCEPTED[:2])
    grant = f"/api/v1/grants/{shown(town, old)['grant_id']}/transitions"
    lead = town.people["lead"].client
    assert lead.post(grant, json={"to": "suspended", "comment": "核查"}).status_code == 200
    assert refused(town.act("reviewer", made, "accepted"), 409, "CHANGE_STATE")
    assert lead.post(grant, json={"to": "active", "comment": "无误"}).status_code == 200
    assert town.act("reviewer", made, "accepted").json()["state"] == "agreed"


def test_a_provider_does_not_end_a_use_unannounced(town: Town, resource: str, in_use: Any) -> None:
    old = in_use(resource)
    grant = f"/api/v1/grants/{shown(town, old)['grant_id']}/transitions"
    lead = town.people["lead"].client
    assert refused(lead.post(grant, json={"to": "terminated", "comment": "不想给了"}), 409, "SERVICE_UNANNOUNCED")
    assert lead.post(grant, json={"to": "suspended", "comment": "违规使用"}).status_code == 200
    assert lead.post(grant, json={"to": "terminated", "comment": "未整改"}).status_code == 200


def test_of_other_tables_all_bind_at_once_and_what_is_left_is_disposed_of(
    town: Town, ask: Ask, feed_of: Callable[[], list[Any]], first_rows: Any
) -> None:
    both = (mount_of("hu_kou", "sfzhm", "xm", "xzqhdm"), mount_of("deng_ji", "sfzhm", "djrq"))
    entry = town.publish("户籍登记明细", conditional_sharing(), mounts=both)
    first = town.agreed(entry, items=["sfzhm", "xm"])
    assert town.countersign(first["grant_id"]).status_code == 200
    first_rows(first["grant_id"])
    made = ask(first["id"], entry, items=["sfzhm", "xm", "djrq"]).json()
    agreed = _take(town, made["id"], TO_AGREED)
    one, other = agreed["grant_ids"]
    before = len(feed_of())
    assert town.countersign(one).status_code == 200
    assert feed_of()[before:] == []  # one of two: the old one goes on, and nobody hears of a half
    assert shown(town, first["id"])["state"] == "active"
    assert town.countersign(other).status_code == 200
    kinds = [each["kind"] for each in feed_of()[before:]]
    assert kinds == ["countersignature", "countersignature", "grant_change"]
    assert (shown(town, first["id"])["state"], shown(town, first["id"])["stage"]) == ("replaced", "")

    # now only what stands in the second table: the first table's rows are nobody's any more
    last = _take(town, ask(made["id"], entry, items=["djrq"]).json()["id"], TO_ACCEPTED)
    assert last["state"] == "agreed"  # less of the same tables
    assert town.countersign(last["grant_id"]).status_code == 200
    left = shown(town, made["id"])
    assert (left["state"], left["stage"]) == ("replaced", "disposal")
    asked = town.act("lead", made["id"], "disposal_asked", comment="删除不再使用的表", reason="销毁")
    assert asked.json()["stage"] == "disposal_asked"
    done = town.act("own_lead", made["id"], "disposed", certificate=CERTIFICATE)
    assert done.json()["state"] == "disposed"


def test_on_its_page(town: Town, resource: str, in_use: Any) -> None:
    old = in_use(resource)
    clerk = town.city.browser(town.people["clerk"].actor.username)
    at = f"/requests/{old}/change"
    assert at in clerk.get(f"/requests/{old}").text
    typed = {key: value for key, value in town.asks(resource).items() if key != "statement"} | {"statement": "yes"}
    sent = typed | {"resource": resource, "frequency": "weekly"}
    bad = clerk.send(at, at, **sent, reason="")
    assert (bad.status_code, 'id="reason-error"' in bad.text) == (409, True)
    made = clerk.send(at, at, **sent, reason="每周够用")
    assert made.status_code == 303, made.text
    page = clerk.get(made.headers["location"]).text
    assert all(words in page for words in ("只减不增", "每日一次", "每周一次", "每周够用"))
    assert "已有续期或变更申请" in clerk.get(f"/requests/{old}").text
    assert clerk.get(at).status_code == 303
    outside = town.city.browser(town.people["outside_clerk"].actor.username)
    assert outside.get(at).status_code == 404


def test_the_step_that_rests_on_an_earlier_one_names_who_took_it(
    town: Town, resource: str, in_use: Any, ask: Ask
) -> None:
    old = in_use(resource)
    new = ask(old, resource, frequency="once").json()["id"]
    _take(town, new, TO_ACCEPTED)
    with town.city.app.state.sessions() as session:
        row = locked(session, town.people["clerk"].actor, UUID(new))
        assert row.steps[-1].decided_by == town.people["lead"].actor.account_id


def test_where_the_office_decides_too_less_still_rests_on_what_both_agreed(
    town: Town, office_resource: str, first_rows: Any, ask: Ask
) -> None:
    old = town.bring_to(office_resource, *TO_AGREED, ("approver", "agreed"))
    assert town.countersign(shown(town, old)["grant_id"]).status_code == 200
    new = ask(old, office_resource, items=FEWER).json()["id"]
    agreed = _take(town, new, TO_ACCEPTED)
    assert (agreed["state"], agreed["steps"][-1]["organisation"]) == ("agreed", "示例市公安局")
    assert town.countersign(agreed["grant_id"]).status_code == 200
    assert (shown(town, old)["state"], shown(town, old)["stage"]) == ("replaced", "")


def test_a_delegate_accepts_what_is_within_an_agreement(town: Town, resource: str, in_use: Any, ask: Ask) -> None:
    """The agreement cited is its own people's; for whom the delegate accepted is no part of it."""
    aide, today = town.city.person(town.orgs["office"], Role.EDITOR), TODAY.isoformat()
    days = {"starts_on": today, "ends_on": today, "reason": "出差"}
    given = {"role": "office_reviewer", "delegate": aide.actor.username, **days}
    assert town.people["reviewer"].client.post("/api/v1/delegations", json=given).status_code == 201
    new = ask(in_use(resource), resource, items=FEWER).json()["id"]
    _take(town, new, (("own_lead", "req_approved"), ("clerk", "submitted")))
    answer = aide.client.post(f"/api/v1/requests/{new}/transitions", json={"to": "accepted"})
    assert (answer.status_code, answer.json().get("state")) == (200, "agreed"), answer.text
