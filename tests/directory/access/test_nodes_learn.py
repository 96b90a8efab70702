"""What the directory decides reaches a node through the real feed, read as a node reads it: at its next look, and never
later than the head it holds is good for.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from metadata.feed import FeedPage
from tests.directory.access.conftest import TO_ACCEPTED, Town, shown

Look = Callable[[TrustSet, datetime], TrustSet]
A_MINUTE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def look(town: Town) -> Look:
    """One turn of the consumer's node: every entry that the newest head counts, verified and folded in."""

    def turn(held: TrustSet, now: datetime) -> TrustSet:
        head = None
        while head is None or held.size < head.size:
            answer = town.nodes["requester"].call("GET", f"/api/v1/feed?after={held.size}")
            page = FeedPage.model_validate(answer.json())
            head = held.read_head(page.head, now)
            held = held.extend(page.entries, page.addressed)
        return held.under(head)

    return turn


def _nothing_yet(town: Town) -> TrustSet:
    public = town.city.app.state.directory_key.verifying.public.hex()
    return TrustSet.of(public, town.nodes["requester"].name)


def _verdict(held: TrustSet, grant_id: str, now: datetime) -> str:
    try:
        return held.admit(grant_id, now).grant_id
    except ExchangeError as refused:
        return refused.code


def _suspend(town: Town, grant_id: str) -> None:
    body = {"to": "suspended", "comment": "超出范围使用"}
    answer = town.people["lead"].client.post(f"/api/v1/grants/{grant_id}/transitions", json=body)
    assert answer.status_code == 200, answer.text


def test_a_suspension_acts_within_a_minute_wherever_the_node_looks(
    town: Town, resource: str, in_use: Any, look: Look
) -> None:
    grant_id = shown(town, in_use(resource))["grant_id"]
    held = look(_nothing_yet(town), datetime.now(UTC))
    assert held.head is not None
    assert held.head.valid_until - held.head.issued_at <= A_MINUTE
    assert _verdict(held, grant_id, datetime.now(UTC)) == grant_id
    _suspend(town, grant_id)
    suspended_at = datetime.now(UTC)
    # who looks again knows; who cannot look holds a head that is over before the minute is
    assert _verdict(look(held, suspended_at), grant_id, suspended_at) == "GRANT_SUSPENDED"
    assert _verdict(held, grant_id, suspended_at + A_MINUTE) == "TRUST_STALE"
    assert look(held, suspended_at).size == held.size + 1  # one entry did it


def test_a_node_never_sees_two_grants_in_force_nor_none(town: Town, resource: str, in_use: Any, look: Look) -> None:
    old = in_use(resource)
    body = {"reason": "每周够用", "request": town.asks(resource, frequency="weekly")}
    made = town.people["clerk"].client.post(f"/api/v1/requests/{old}/changes", json=body).json()["id"]
    for who, to in TO_ACCEPTED:
        assert town.act(who, made, to).status_code == 200
    pair = (shown(town, old)["grant_id"], shown(town, made)["grant_id"])
    held = look(_nothing_yet(town), datetime.now(UTC))
    now = datetime.now(UTC)
    assert [_verdict(held, each, now) for each in pair] == [pair[0], "GRANT_NOT_COUNTERSIGNED"]
    assert town.countersign(pair[1]).status_code == 200
    held = look(held, datetime.now(UTC))
    now = datetime.now(UTC)
    assert [_verdict(held, each, now) for each in pair] == ["GRANT_TERMINATED", pair[1]]
