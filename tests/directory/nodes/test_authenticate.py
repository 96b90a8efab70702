"""Signed calls: unsigned, altered, foreign and stale ones are refused by name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from standards.crypto import SigningKey, digest
from standards.http_signature import sign_request

FEED = "/api/v1/feed?after=0"


@pytest.fixture(scope="module")
def node(new_node: Callable[..., Any]) -> Any:
    return new_node("caizheng")


def test_a_signed_call_is_believed(node: Any) -> None:
    assert node.call("GET", FEED).status_code == 200
    assert node.call("POST", "/api/v1/nodes/caizheng/status", []).json() == {"accepted": 0}


def test_an_unsigned_call_is_refused(node: Any) -> None:
    answer = node.client.get(FEED)
    assert (answer.status_code, answer.json()["code"]) == (401, "REQUEST_UNSIGNED")


def test_a_person_is_no_node(city: Any) -> None:
    person = city.person(city.organisation())
    assert person.client.get(FEED).status_code == 401


def test_another_key_or_name_is_refused(node: Any) -> None:
    assert node.call("GET", FEED, key=SigningKey.generate()).json()["code"] == "SIGNATURE_INVALID"
    assert node.call("GET", FEED, as_="nobody").json()["code"] == "SIGNER_UNKNOWN"


def test_another_address_query_or_body_than_the_signed_one_is_refused(node: Any) -> None:
    headers = sign_request(node.identity, node.name, "GET", FEED, None, datetime.now(UTC))
    assert node.client.get("/api/v1/feed?after=5", headers=headers).json()["code"] == "SIGNATURE_INVALID"
    address = "/api/v1/nodes/caizheng/status"
    headers = sign_request(node.identity, node.name, "POST", address, digest(b"[]"), datetime.now(UTC))
    for content in (b"[ ]", b""):
        assert node.client.post(address, content=content, headers=headers).json()["code"] == "BODY_DIGEST_MISMATCH"
    bare = sign_request(node.identity, node.name, "POST", address, None, datetime.now(UTC))
    assert node.client.post(address, content=b"[]", headers=bare).json()["code"] == "BODY_DIGEST_MISMATCH"


def test_a_clock_that_is_off_is_named(node: Any) -> None:
    stale = datetime.now(UTC) - timedelta(seconds=400)
    answer = node.client.get(FEED, headers=sign_request(node.identity, node.name, "GET", FEED, None, stale))
    assert (answer.status_code, answer.json()["code"]) == (401, "CLOCK_SKEW")


def test_a_node_speaks_for_itself_only(node: Any, new_node: Callable[..., Any]) -> None:
    new_node("shenji")
    for report in ("receipts", "status", "audit"):
        answer = node.call("POST", f"/api/v1/nodes/shenji/{report}", [])
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_THIS_NODE"), report


@pytest.mark.parametrize("body", [b"{}", b"null", b"[{}]", b"[1", b"\xff", b'[{"kind":"receipt/1"}]'])
def test_a_body_that_is_no_list_of_records_is_refused(node: Any, body: bytes) -> None:
    for report in ("receipts", "status", "audit"):
        answer = node.call("POST", f"/api/v1/nodes/caizheng/{report}", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_MALFORMED")
