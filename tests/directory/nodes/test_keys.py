"""A node changes its keys at the directory; nobody else can, and a call comes once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.nodes.queries import ends_of
from metadata.feed import FeedPage
from metadata.keys import KeyChange
from metadata.signed import Signed
from standards.crypto import DecryptionKey, SigningKey
from standards.http_signature import sign_request

FEED = "/api/v1/feed"
NAIVE = datetime(2026, 1, 1)


def change(node: Any, **values: Any) -> KeyChange:
    now = datetime.now(UTC)
    given = {
        "node_id": node.name,
        "purpose": "identity",
        "replaces_key_id": node.identity.key_id,
        "valid_from": now,
        "overlap_until": now + timedelta(days=7),
    }
    return KeyChange.model_validate(given | values)


def identity_change(node: Any, new: SigningKey, **values: Any) -> Signed:
    said = change(node, public=new.verifying.public.hex(), **values)
    return Signed.sign("key_change/1", said, node.identity, new)


def send(node: Any, statement: Signed, **more: Any) -> Any:
    return node.call("POST", f"/api/v1/nodes/{node.name}/keys", statement.to_bytes(), **more)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_new_identity_key_counts_at_once_and_the_old_one_in_its_overlap(new_node: Callable[..., Any]) -> None:
    node, new = new_node("kgongan"), SigningKey.generate()
    old = node.identity
    assert send(node, identity_change(node, new)).json() == {"key_id": new.key_id}
    for key in (old, new):
        assert node.call("GET", FEED, key=key).status_code == 200
    assert refusal(node.call("GET", FEED, key=SigningKey.generate())) == (401, "SIGNATURE_INVALID")
    entry = FeedPage.from_bytes(node.call("GET", FEED).content).entries[-1]
    assert (entry.kind, KeyChange.from_bytes(entry.body.payload_bytes()).key_id) == ("key_change", new.key_id)


def test_without_an_overlap_the_old_key_is_refused_at_once(new_node: Callable[..., Any]) -> None:
    node, new = new_node("krenshe"), SigningKey.generate()
    now = datetime.now(UTC)
    assert send(node, identity_change(node, new, valid_from=now, overlap_until=now)).status_code == 201
    assert refusal(node.call("GET", FEED)) == (401, "SIGNATURE_INVALID")
    assert node.call("GET", FEED, key=new).status_code == 200


def test_the_same_change_again_changes_nothing(new_node: Callable[..., Any], session: Session) -> None:
    node, new = new_node("kshuiwu"), SigningKey.generate()
    statement = identity_change(node, new)
    for _ in range(2):
        assert send(node, statement).status_code == 201
    assert send(node, identity_change(node, new)).status_code == 201  # signed anew after an answer was lost
    again = session.scalar(text("SELECT count(*) FROM node_key_change WHERE node_id = 'kshuiwu'"))
    assert again == 1


def test_only_the_key_in_force_may_name_the_next(new_node: Callable[..., Any], administrator: Any) -> None:
    node, other = new_node("kminzheng"), new_node("kjiaoyu")
    new = SigningKey.generate()
    address = "/api/v1/nodes/kminzheng/keys"
    said = change(node, public=new.verifying.public.hex())
    for statement in (
        Signed.sign("key_change/1", said, new),
        Signed.sign("key_change/1", said, node.identity),
        Signed.sign("key_change/1", said, other.identity, new),
        Signed.sign("grant/1", said, node.identity, new),
    ):
        assert refusal(send(node, statement)) == (401, "SIGNATURE_BAD")
    assert refusal(other.call("POST", address, identity_change(node, new).to_bytes())) == (403, "NOT_THIS_NODE")
    assert refusal(send(other, identity_change(node, new))) == (403, "NOT_THIS_NODE")
    fork = send(node, identity_change(node, new, replaces_key_id="0" * 32))
    assert refusal(fork) == (409, "KEY_CHANGE_BAD")
    assert send(node, identity_change(node, new)).status_code == 201
    second = send(node, identity_change(node, SigningKey.generate()))
    assert refusal(second) == (409, "KEY_CHANGE_BAD")  # a second successor of one key
    shown = administrator.client.get(address).json()
    assert [key["purpose"] for key in shown if key["suite"] == 1] == ["identity", "decryption", "identity"]
    assert [key["purpose"] for key in shown if key["suite"] == 2] == ["identity", "decryption"]


def test_a_key_of_somebody_or_of_another_time_is_refused(new_node: Callable[..., Any]) -> None:
    node, other = new_node("kcaizheng"), new_node("kshenji")
    taken = change(
        node,
        purpose="decryption",
        replaces_key_id=node.decryption.key_id,
        public=other.decryption.wrapping.public.hex(),
    )
    assert refusal(send(node, Signed.sign("key_change/1", taken, node.identity))) == (409, "KEY_TAKEN")
    early = datetime.now(UTC) - timedelta(minutes=6)
    new = SigningKey.generate()
    assert refusal(send(node, identity_change(node, new, valid_from=early))) == (409, "KEY_CHANGE_TIME")
    late = datetime.now(UTC) + timedelta(days=91)
    assert refusal(send(node, identity_change(node, new, overlap_until=late))) == (409, "KEY_CHANGE_BAD")
    assert node.call("POST", "/api/v1/nodes/kcaizheng/keys", b"{}").json()["code"] == "RECORD_UNREADABLE"


def test_a_new_decryption_key_is_what_grants_name(
    new_node: Callable[..., Any], administrator: Any, session: Session
) -> None:
    node, new = new_node("kziran"), DecryptionKey.generate()
    said = change(node, purpose="decryption", replaces_key_id=node.decryption.key_id, public=new.wrapping.public.hex())
    assert send(node, Signed.sign("key_change/1", said, node.identity)).status_code == 201
    found = ends_of(session, {node.org_code})[node.org_code]
    assert found is not None
    end = found.grant_end
    assert end.identity_key_id == node.identity.key_id
    assert new.key_id in end.decryption_key_ids
    assert node.decryption.key_id not in end.decryption_key_ids
    shown = administrator.client.get("/api/v1/nodes/kziran/keys").json()
    assert [key["fingerprint"].replace(" ", "") for key in shown] == [key["key_id"] for key in shown]
    assert shown[1]["until"] is not None


def test_a_revoked_node_changes_no_key(new_node: Callable[..., Any], administrator: Any) -> None:
    node = new_node("kjiaotong")
    body = {"to": "revoked", "comment": "设备丢失"}
    assert administrator.client.post("/api/v1/nodes/kjiaotong/transitions", json=body).status_code == 200
    assert refusal(send(node, identity_change(node, SigningKey.generate()))) == (403, "NODE_REVOKED")


def test_a_call_comes_once_also_after_a_restart(new_node: Callable[..., Any], session: Session) -> None:
    node = new_node("kwenlv")
    headers = sign_request(node.identity, node.name, "GET", FEED, None, datetime.now(UTC))
    assert node.client.get(FEED, headers=headers).status_code == 200
    for _ in range(2):
        assert refusal(node.client.get(FEED, headers=headers)) == (401, "REQUEST_REPLAYED")
    assert session.scalar(text("SELECT count(*) FROM node_nonce WHERE node_id = 'kwenlv'")) == 1
    assert node.call("GET", FEED).status_code == 200  # signed anew


def test_a_call_that_was_refused_does_not_come_again_either(new_node: Callable[..., Any]) -> None:
    node = new_node("kshuili")
    address = "/api/v1/nodes/nobody/keys"
    headers = sign_request(node.identity, node.name, "POST", address, None, datetime.now(UTC))
    assert refusal(node.client.post(address, headers=headers)) == (403, "NOT_THIS_NODE")
    assert refusal(node.client.post(address, headers=headers)) == (401, "REQUEST_REPLAYED")


def test_expired_nonces_are_forgotten(new_node: Callable[..., Any], city: Any) -> None:
    node = new_node("kqixiang")
    with city.app.state.sessions.begin() as session:
        session.execute(text("INSERT INTO node_nonce VALUES ('kqixiang', 'old', now() - interval '11 minutes')"))
        session.execute(text("INSERT INTO node_nonce VALUES ('kqixiang', 'young', now() - interval '9 minutes')"))
    assert node.call("GET", FEED).status_code == 200
    with city.app.state.sessions.begin() as session:
        kept = session.scalars(text("SELECT nonce FROM node_nonce WHERE node_id = 'kqixiang'")).all()
    assert "young" in kept
    assert "old" not in kept


@pytest.mark.parametrize("field", ["valid_from", "overlap_until"])
def test_a_time_without_a_zone_is_not_a_time(new_node: Callable[..., Any], field: str) -> None:
    node = new_node(f"kz{field.replace('_', '')}"[:20])
    said = change(node, public=SigningKey.generate().verifying.public.hex()).model_copy(update={field: NAIVE})
    statement = Signed.sign("key_change/1", said, node.identity)
    assert send(node, statement).json()["code"] == "RECORD_UNREADABLE"
