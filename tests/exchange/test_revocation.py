"""T7: a revoked node's calls and batches are refused with the newest feed, at the latest when the held head ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from exchange import steps
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.peers.relay_client import History
from exchange.relay.server import create_app
from exchange.settings import RelaySettings
from metadata.exchange import RECEIPT, Receipt
from metadata.signed import Signed
from tests.exchange.faults.conftest import rerouted
from tests.sim.checker import SmallChecker
from tests.sim.serving import served
from tests.sim.town import Route, Town

# How long a head of the directory is good for, which bounds what a revocation takes to reach everybody.
EFFECTIVE_SECONDS = 60.0


def _in(seconds: float) -> Callable[[], datetime]:
    begun = datetime.now(UTC)
    return lambda: begun + timedelta(seconds=seconds)


def _two_arrived(town: Town) -> tuple[tuple[Route, int], tuple[Route, int]]:
    """Two routes of the same provider: a batch that has just arrived, and one that only has to be applied."""
    routes = town.route(), town.route()
    first, second = [(route, route.send()) for route in routes]
    for route, seq in (first, second):
        assert route.arrive() == [seq]
    route, seq = second
    with town.node("renshe") as node:
        while steps.step(node, route.route_id, seq, SmallChecker()).state != "checked":
            pass
    for name in ("gongan", "renshe"):
        route.pull(name)
    return first, second


def _calls(node: Node, route: Route, seq: int) -> dict[str, Callable[[], object]]:
    """Everything that a node can ask of the relay."""
    relay, digest = node.relay, route.objects(seq)[0].name
    batch = route.batch("gongan", seq)
    manifest = Signed.from_bytes(batch.manifest)
    said = Receipt(
        kind="applied",
        route_id=route.route_id,
        seq=seq,
        batch_digest=batch.digest,
        by_node_id=node.node_id,
        at=node.now(),
        contents_digest="0" * 64,
    )
    receipt = Signed.sign(RECEIPT, said, node.keys.identity)
    return {
        "has_object": lambda: relay.has_object(digest),
        "put_object": lambda: relay.put_object("0" * 64, iter([b"1"]), 1),
        "announce": lambda: relay.announce(route.route_id, manifest),
        "restore": lambda: relay.restore(route.route_id, History(batches=())),
        "batches": lambda: relay.batches(route.route_id, 0),
        "get_object": lambda: relay.get_object(route.route_id, digest, 0, 1, lambda _: None),
        "put_receipt": lambda: relay.put_receipt(route.route_id, receipt),
        "receipts": lambda: relay.receipts(route.route_id, seq),
        "post_message": lambda: relay.post_message(route.route_id, receipt),
        "messages": lambda: relay.messages(route.route_id, 0),
    }


def _refusals(node: Node, route: Route, seq: int) -> set[str]:
    """What the relay says to each of a node's calls; none is answered."""
    said = set()
    for call in _calls(node, route, seq).values():
        with pytest.raises(ExchangeError) as caught:
            call()
        said.add(str(caught.value.values.get("refusal", caught.value.code)))
    return said


def test_with_the_newest_feed_nothing_of_a_revoked_node_is_taken(own_town: Town) -> None:
    arrived, checked = _two_arrived(own_town)
    own_town.directory.revoke("gongan")
    with own_town.node("renshe") as node:
        node.feed.pull(node.directory.feed, node.now())
        with pytest.raises(ExchangeError):
            node.relay.batches("r-0", 0)  # the relay knows no such route, and asks for the newest feed
    with own_town.node("gongan") as node:
        assert _refusals(node, *arrived) == {"SIGNER_UNKNOWN"}
    for route, seq in (arrived, checked):
        outcome = route.drive("renshe", seq)
        assert (outcome.state, outcome.code) == ("quarantined", "SIGNER_REVOKED")
        assert route.nothing_loaded()
        assert route.findings() == []


def test_whoever_hears_nothing_takes_nothing_once_the_held_head_has_ended(own_town: Town) -> None:
    """The directory cannot be reached after the revocation: 60 s after it at the latest nobody trusts the old feed."""
    arrived, checked = _two_arrived(own_town)
    assert own_town.directory.valid_seconds == EFFECTIVE_SECONDS
    own_town.directory.revoke("gongan")
    own_town.directory.is_down = True
    later = _in(EFFECTIVE_SECONDS + 1)
    with (
        served(create_app(RelaySettings.read(own_town.relay_home / "relay.toml"), clock=later)) as url,
        rerouted(own_town, "gongan", own_town.relay_url, url),
        own_town.node("gongan", clock=later) as node,
    ):
        assert _refusals(node, *arrived) == {"TRUST_STALE"}
    for route, seq in (arrived, checked):
        state = route.batch("renshe", seq).state
        outcome = route.drive("renshe", seq, clock=later)
        assert (outcome.is_waiting, outcome.code) == (True, "TRUST_STALE")
        assert outcome.state in (state, "fetched")
        assert route.received_rows() == []
    own_town.directory.is_down = False
    for route, seq in (arrived, checked):
        assert route.drive("renshe", seq, clock=_in(EFFECTIVE_SECONDS + 2)).code == "SIGNER_REVOKED"
        assert route.nothing_loaded()


def test_a_head_with_little_left_is_renewed_before_it_is_relied_on(own_town: Town) -> None:
    """With the directory there, the old feed serves no longer than what is left of it beyond the margin."""
    _, (route, seq) = _two_arrived(own_town)
    own_town.directory.revoke("gongan")
    outcome = route.drive("renshe", seq, clock=_in(EFFECTIVE_SECONDS - LIMITS.trust_margin_seconds + 1))
    assert (outcome.state, outcome.code) == ("quarantined", "SIGNER_REVOKED")
