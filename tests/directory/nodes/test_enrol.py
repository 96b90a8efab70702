"""Letting a node in: once, with its own keys, under the name it was given."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.nodes.enrol import enrol
from directory.roles import Role
from metadata.feed import FeedPage, NodeRecord
from metadata.signed import Signed
from standards.crypto import SigningKey, VerifyingKey, key_id


def token_for(administrator: Any, node: Any, **changes: Any) -> str:
    permission = {"org_code": node.org_code, "name": node.name, "kind": node.kind} | changes
    answer = administrator.client.post("/api/v1/enrolments", json=permission)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def test_an_enrolled_node_stands_in_the_feed_under_the_directorys_signature(
    city: Any, stranger: Any, administrator: Any
) -> None:
    node = stranger("renshe")
    answer = node.enrol(token_for(administrator, node))
    assert answer.status_code == 201
    body = answer.json()
    assert body["node_id"] == "renshe"
    directory = VerifyingKey(bytes.fromhex(body["directory_public"]))
    shown = city.client().get("/api/v1/directory-key").json()
    assert shown == {"public": body["directory_public"], "fingerprint": key_id("ed25519", directory.public)}
    record = Signed.model_validate(body["record"]).open("node/1", NodeRecord, {directory.key_id: directory}.get)
    assert (record.org_code, record.identity_public) == (node.org_code, node.identity.verifying.public.hex())
    page = FeedPage.from_bytes(node.call("GET", "/api/v1/feed?after=0").content)
    assert page.entries[-1].body == Signed.model_validate(body["record"])


def test_a_token_serves_once_but_the_same_node_may_ask_again(stranger: Any, administrator: Any) -> None:
    node = stranger("shuiwu")
    token = token_for(administrator, node)
    first = node.enrol(token).json()
    assert node.enrol(token).json()["record"]["payload"] == first["record"]["payload"]
    node.identity = SigningKey.generate()
    answer = node.enrol(token)
    assert (answer.status_code, answer.json()["code"]) == (403, "TOKEN_REFUSED")


def test_a_statement_for_another_name_kind_or_token_is_refused(stranger: Any, administrator: Any) -> None:
    node = stranger("zhujian")
    token = token_for(administrator, node)
    for changes in ({"name": "gongan"}, {"kind": "relay"}, {"token_digest": "0" * 64}, {"decryption_public": ""}):
        answer = node.enrol(token, **changes)
        assert (answer.status_code, answer.json()["code"]) == (409, "ENROLMENT_REFUSED"), changes
    assert node.enrol(token).status_code == 201


def test_a_key_that_the_sender_does_not_hold_is_refused(stranger: Any, administrator: Any) -> None:
    node = stranger("gongan")
    token = token_for(administrator, node)
    answer = node.enrol(token, identity_public=SigningKey.generate().verifying.public.hex())
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_BAD")


def test_an_unknown_or_expired_token_is_refused(city: Any, stranger: Any, administrator: Any, session: Session) -> None:
    node = stranger("tongji")
    assert node.enrol("not-a-token").json()["code"] == "TOKEN_REFUSED"
    token = token_for(administrator, node)
    late = datetime.now(UTC) + timedelta(days=7, seconds=1)
    with pytest.raises(DirectoryError, match="TOKEN_REFUSED"):
        enrol(session, city.app.state.directory_key, token, node.statement(token), late)


def test_a_name_is_given_once(city: Any, administrator: Any, new_node: Callable[..., Any]) -> None:
    node = new_node("ziran")
    answer = administrator.client.post("/api/v1/enrolments", json={"org_code": node.org_code, "name": "ziran"})
    assert (answer.status_code, answer.json()["code"]) == (409, "NODE_NAME_TAKEN")


def test_only_the_system_administrator_lets_nodes_in(city: Any) -> None:
    org_code = city.organisation()
    for role in Role:
        if role in {Role.SYSTEM_ADMIN, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER}:
            continue
        answer = city.person(org_code, role).client.post(
            "/api/v1/enrolments", json={"org_code": org_code, "name": "mine"}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), role


def test_tokens_are_kept_only_as_digests(stranger: Any, administrator: Any, session: Session) -> None:
    token = token_for(administrator, stranger("minzheng"))
    rows = session.execute(text("SELECT t::text FROM enrolment_token t")).scalars().all()
    assert rows
    assert not any(token in row for row in rows)


def test_a_revoked_node_is_refused_at_once_and_the_feed_says_so(
    city: Any, administrator: Any, new_node: Callable[..., Any]
) -> None:
    bad, good = new_node("jiaotong"), new_node("shuili")
    assert bad.call("GET", "/api/v1/feed").status_code == 200
    address = "/api/v1/nodes/jiaotong/transitions"
    blank = administrator.client.post(address, json={"to": "revoked", "comment": " "})
    assert blank.json()["code"] == "COMMENT_REQUIRED"
    for _ in range(2):
        assert administrator.client.post(address, json={"to": "revoked", "comment": "密钥泄露"}).json()["is_revoked"]
    answer = bad.call("GET", "/api/v1/feed")
    assert (answer.status_code, answer.json()["code"]) == (403, "NODE_REVOKED")
    entries = FeedPage.from_bytes(good.call("GET", "/api/v1/feed").content).entries
    last = NodeRecord.from_bytes(entries[-1].body.payload_bytes())
    assert (last.node_id, last.is_revoked) == ("jiaotong", True)
    answer = administrator.client.post("/api/v1/nodes/nobody/transitions", json={"to": "revoked", "comment": "无"})
    assert (answer.status_code, answer.json()["code"]) == (404, "NODE_NOT_FOUND")
