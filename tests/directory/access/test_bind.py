"""What binds a grant and what brings it to life, and every forgery of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from metadata.access import Grant, GrantNotice
from metadata.audit import AuditEntry
from metadata.exchange import BatchStatus
from metadata.feed import FeedEntry, FeedHead, FeedPage
from metadata.signed import Signed
from standards.crypto import SigningKey, digest_hex
from tests.directory.access.conftest import TO_ACCEPTED
from tests.sim import canaries


@pytest.fixture
def grant(town: Any, resource: str) -> dict[str, Any]:
    """A grant agreed to and not yet countersigned."""
    return dict(town.grant(town.agreed(resource)["grant_id"]))


def state_of(town: Any, grant: dict[str, Any]) -> str:
    return str(town.grant(grant["grant_id"])["state"])


def test_a_countersignature_over_anything_else_is_refused(town: Any, grant: dict[str, Any]) -> None:
    grant_id = grant["grant_id"]
    for changes in ({"grant_digest": "0" * 64}, {"grant_id": "g-other"}, {"node_id": "renshe"}):
        answer = town.countersign(grant_id, **changes)
        assert (answer.status_code, answer.json()["code"]) == (409, "COUNTERSIGNATURE_OTHER"), changes
    answer = town.countersign(grant_id, "provider", SigningKey.generate())
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_BAD")
    refusals = {
        "requester": (403, "NOT_AN_END"),
        "outsider": (404, "GRANT_NOT_FOUND"),
        "relay": (404, "GRANT_NOT_FOUND"),
    }
    for node, refusal in refusals.items():
        answer = town.countersign(grant_id, node)
        assert (answer.status_code, answer.json()["code"]) == refusal, node
    assert state_of(town, grant) == "agreed"


def test_a_countersignature_comes_signed_twice_over(town: Any, grant: dict[str, Any]) -> None:
    """The call is the node's and the statement is; a person cannot send one, not even the provider's approver."""
    path = f"/api/v1/grants/{grant['grant_id']}/countersignature"
    assert town.people["lead"].client.post(path, json={}).status_code == 401
    assert town.nodes["provider"].call("POST", path, {}).json()["code"] == "RECORD_UNREADABLE"
    body = {"countersignature": grant["grant"], "confirmed_by": "王处长"}
    missing = town.nodes["provider"].call("POST", "/api/v1/grants/g-none/countersignature", body)
    assert (missing.status_code, missing.json()["code"]) == (404, "GRANT_NOT_FOUND")


def test_a_grant_is_given_to_its_two_ends_and_named_to_everybody(town: Any, resource: str) -> None:
    """Third nodes and the relay read who grants to whom and until when, no column, no purpose, nobody."""
    words = {"scenario": "金丝雀场景核验", "scope": "金丝雀范围", "basis": "金丝雀依据"}
    agreed = town.agreed(resource, **words)
    grant_id = agreed["grant_id"]
    assert town.countersign(grant_id).status_code == 200
    reason = {"to": "suspended", "comment": "金丝雀缘由"}
    address = f"/api/v1/grants/{grant_id}/transitions"
    assert town.people["approver"].client.post(address, json=reason).status_code == 200
    wanted = canaries.spellings("金丝雀", "ren_kou", "户籍人口", town.people["lead"].actor.username)
    pages = {name: _feed(node) for name, node in town.nodes.items()}
    assert len({page[:2] for page in pages.values()}) == 1  # the same entries, and the same chain over them
    for name, (_, entries, addressed) in pages.items():
        said = b"".join(entry.body.payload_bytes() for entry in entries)
        notices = [GrantNotice.from_bytes(e.body.payload_bytes()) for e in entries if e.body.kind == "grant_notice/1"]
        (notice,) = [each for each in notices if each.grant_id == grant_id]
        assert not [*canaries.found_in(name, said, wanted)]
        found = [each for each in addressed if digest_hex(each.payload_bytes()) == notice.grant_digest]
        assert len(found) == (name in ("provider", "requester"))
        for signed in found:
            assert Grant.from_bytes(signed.payload_bytes()).purpose.startswith("金丝雀场景核验")
        assert name in ("provider", "requester") or addressed == ()


def _feed(node: Any) -> tuple[str, tuple[FeedEntry, ...], tuple[Signed, ...]]:
    page = FeedPage.from_bytes(node.call("GET", "/api/v1/feed?after=0").content)
    head = FeedHead.from_bytes(page.head.payload_bytes())
    assert head.size == len(page.entries)
    return head.digest, page.entries, page.addressed


def test_nothing_is_granted_to_or_from_a_node_whose_fingerprint_nobody_has_compared(
    town: Any, new_node: Callable[..., Any], mount: Any, conditional: Any, administrator: Any
) -> None:
    node = new_node("gongan_xin", town.orgs["provider"], is_confirmed=False)
    mounted = (mount("che_liang", node="gongan_xin"),)
    request_id = town.bring_to(town.publish("机动车登记信息", conditional(), mounts=mounted), *TO_ACCEPTED)
    refused = town.act("lead", request_id, "agreed")
    assert (refused.status_code, refused.json()["code"]) == (409, "NODE_UNCONFIRMED")
    assert "gongan_xin" in refused.json()["detail"]
    assert "核对指纹" in refused.json()["next_step"]
    shown = town.city.browser(town.people["lead"].actor.username)
    page = shown.send(f"/requests/{request_id}", f"/requests/{request_id}", to="agreed", comment="同意")
    assert "NODE_UNCONFIRMED" in page.text
    heard = {"fingerprint": node.identity.key_id}
    assert administrator.client.post("/api/v1/nodes/gongan_xin/confirmation", json=heard).status_code == 200
    assert town.act("lead", request_id, "agreed").status_code == 200


def test_a_terminated_grant_binds_no_more(town: Any, grant: dict[str, Any]) -> None:
    address = f"/api/v1/grants/{grant['grant_id']}/transitions"
    assert town.people["approver"].client.post(address, json={"to": "terminated", "comment": "撤回"}).status_code == 200
    assert town.countersign(grant["grant_id"]).json()["code"] == "MOVE_ILLEGAL"


def test_the_first_rows_applied_make_it_active_and_stop_the_clock(
    town: Any, grant: dict[str, Any], receipt: Callable[..., Any]
) -> None:
    town.countersign(grant["grant_id"])
    consumer, address = town.nodes["requester"], "/api/v1/nodes/renshe/receipts"
    for kind in ("verified", "checked"):
        assert consumer.call("POST", address, [receipt(grant["route_id"], kind=kind)]).json() == {"accepted": 1}
        assert state_of(town, grant) == "provisioned"
    said = receipt(grant["route_id"])
    assert consumer.call("POST", address, [said, said]).json() == {"accepted": 1}
    assert consumer.call("POST", address, [said]).json() == {"accepted": 0}
    shown = town.people["clerk"].client.get(f"/api/v1/requests/{grant['request_id']}").json()
    assert (shown["state"], shown["due_on"], shown["light"]) == ("active", None, None)
    assert [step["by"] for step in shown["steps"][-2:]] == ["gongan", "renshe"]


def test_forged_and_foreign_receipts_are_refused_and_leave_nothing(
    town: Any, resource: str, grant: dict[str, Any], receipt: Callable[..., Any]
) -> None:
    town.countersign(grant["grant_id"])
    route = grant["route_id"]

    def send(by: str, *receipts: Any) -> tuple[int, str]:
        node = town.nodes[by]
        answer = node.call("POST", f"/api/v1/nodes/{node.name}/receipts", list(receipts))
        return answer.status_code, answer.json()["code"]

    seq = 77
    good = receipt(route, seq=seq)
    assert send("requester", good, receipt(route, seq=seq, key=SigningKey.generate())) == (401, "SIGNATURE_BAD")
    assert send("requester", receipt(route, seq=seq, by_node_id="nobody")) == (404, "NODE_NOT_FOUND")
    # the provider cannot say that the consumer has applied, nor the relay; the consumer cannot say the relay has stored
    assert send("provider", receipt(route, by="provider", seq=seq)) == (403, "NOT_AN_END")
    assert send("relay", receipt(route, by="relay", seq=seq)) == (403, "NOT_AN_END")
    assert send("requester", receipt(route, seq=seq, kind="stored")) == (403, "NOT_AN_END")
    assert send("outsider", receipt(route, by="outsider", seq=seq)) == (403, "NOT_AN_END")
    assert send("outsider", good) == (403, "NOT_AN_END")
    assert send("requester", receipt("r-unknown", seq=seq)) == (404, "ROUTE_UNKNOWN")
    other = receipt(route, seq=seq, rows=4)
    tampered = other | {"receipt": good["receipt"] | {"payload": other["receipt"]["payload"]}}
    assert send("requester", tampered) == (401, "SIGNATURE_BAD")
    for contents in (other["contents"], None):  # what was signed for said something else
        assert send("requester", good | {"contents": contents}) == (422, "RECEIPT_CONTENTS_OTHER")
    assert send("requester", {"receipt": grant["grant"]}) == (400, "RECORD_UNREADABLE")
    with town.city.app.state.sessions() as session:
        found = session.execute(text("SELECT count(*) FROM receipt WHERE seq = :seq"), {"seq": seq})
        assert found.scalar_one() == 0
    assert state_of(town, grant) == "provisioned"
    stored = receipt(route, by="relay", seq=seq, kind="stored")
    assert town.nodes["relay"].call("POST", "/api/v1/nodes/relay/receipts", [stored]).json() == {"accepted": 1}
    brought = town.nodes["provider"].call("POST", "/api/v1/nodes/gongan/receipts", [good])
    assert brought.json() == {"accepted": 1}  # the provider may bring what the consumer signed


def test_nobody_changes_their_word_about_a_batch(town: Any, grant: dict[str, Any], receipt: Callable[..., Any]) -> None:
    consumer, address = town.nodes["requester"], "/api/v1/nodes/renshe/receipts"
    first = receipt(grant["route_id"], seq=500, kind="verified")
    assert consumer.call("POST", address, [first]).json() == {"accepted": 1}
    for kind in ("verified", "applied"):
        other = receipt(grant["route_id"], seq=500, kind=kind, batch_digest="b" * 64)
        answer = consumer.call("POST", address, [other])
        assert (answer.status_code, answer.json()["code"]) == (409, "RECEIPT_CONFLICT")


def test_statuses_only_move_forward_and_only_for_oneself(town: Any, grant: dict[str, Any]) -> None:
    now = datetime.now(UTC)

    def status(state: str, at: datetime, **changes: Any) -> dict[str, Any]:
        values = {
            "route_id": grant["route_id"],
            "seq": 9000,
            "grant_id": grant["grant_id"],
            "state": state,
            "node_id": "gongan",
            "at": at,
        }
        return dict(BatchStatus.model_validate(values | changes).model_dump(mode="json"))

    def send(by: str, *statuses: Any) -> Any:
        node = town.nodes[by]
        return node.call("POST", f"/api/v1/nodes/{node.name}/status", list(statuses)).json()

    assert send("provider", status("sealed", now)) == {"accepted": 1}
    assert send("provider", status("due", now - timedelta(seconds=5))) == {"accepted": 0}
    assert send("provider", status("stored", now + timedelta(seconds=1), sealed_bytes=5)) == {"accepted": 1}
    assert send("provider", status("stored", now, node_id="renshe"))["code"] == "NOT_THIS_NODE"
    assert send("outsider", status("stored", now, node_id="shuiwu"))["code"] == "NOT_AN_END"
    assert send("provider", status("stored", now, route_id="r-none"))["code"] == "ROUTE_UNKNOWN"
    with town.city.app.state.sessions() as session:
        states = session.execute(text("SELECT state, status ->> 'sealed_bytes' FROM batch_status WHERE seq = 9000"))
        assert states.all() == [("stored", "5")]


def test_batches_show_both_ends_words_to_whom_they_concern(
    town: Any, grant: dict[str, Any], receipt: Callable[..., Any]
) -> None:
    town.countersign(grant["grant_id"])
    for name, state in (("provider", "stored"), ("requester", "applied")):
        node = town.nodes[name]
        values = {"route_id": grant["route_id"], "seq": 7, "grant_id": grant["grant_id"], "state": state}
        status = BatchStatus.model_validate(values | {"node_id": node.name, "at": datetime.now(UTC), "rows": 3})
        path = f"/api/v1/nodes/{node.name}/status"
        assert node.call("POST", path, [status.model_dump(mode="json")]).json() == {"accepted": 1}
    said = receipt(grant["route_id"], seq=7)
    town.nodes["requester"].call("POST", "/api/v1/nodes/renshe/receipts", [said])

    def seen_by(who: str) -> list[dict[str, Any]]:
        answer = town.people[who].client.get("/api/v1/batches")
        return [batch for batch in answer.json() if (batch["route_id"], batch["seq"]) == (grant["route_id"], 7)]

    for who in ("clerk", "lead", "operator", "approver", "auditor"):
        (batch,) = seen_by(who)
        assert (batch["provider"]["state"], batch["consumer"]["state"]) == ("stored", "applied")
        assert [line["receipt"]["kind"] for line in batch["receipts"]] == ["applied"]
        assert (batch["resource_title"], batch["target_table"]) == ("户籍人口基本信息", "gongan_ren_kou")
    assert seen_by("outside_clerk") == []


def test_a_node_hands_in_its_own_audit_entries_only(town: Any) -> None:
    def entry(producer: str, event_id: str = "") -> dict[str, Any]:
        values = {
            "event_id": event_id or str(uuid4()),
            "at": datetime.now(UTC),
            "producer": producer,
            "actor": "gongan",
            "action": "batch:seal",
            "subject": "r-1/1",
        }
        return dict(AuditEntry.model_validate(values).model_dump(mode="json"))

    def send(by: str, *entries: Any) -> Any:
        node = town.nodes[by]
        return node.call("POST", f"/api/v1/nodes/{node.name}/audit", list(entries)).json()

    same = str(uuid4())
    own = [entry("node:gongan", same), entry("target:gongan")]
    assert send("provider", *own) == {"accepted": 2}
    assert send("provider", *own) == {"accepted": 2}
    assert send("relay", entry("relay")) == {"accepted": 1}
    for by, producer in (
        ("provider", "node:renshe"),
        ("provider", "directory"),
        ("provider", "relay"),
        ("provider", "node:gongan2"),
        ("relay", "node:gongan"),
    ):
        assert send(by, entry("node:gongan"), entry(producer))["code"] == "NOT_THIS_NODE", producer
    assert send("provider", *[entry("node:gongan") for _ in range(1001)])["code"] == "TOO_MANY_AT_ONCE"
