"""A node's keys change while batches are under way: nothing is lost, and nothing old opens what is over (T12)."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange import receipts
from exchange.envelope import open as envelope
from exchange.errors import ExchangeError
from exchange.keys import rotate
from exchange.keys.keystore import KeyStore
from exchange.peers import sync
from metadata.exchange import RECEIPT, Receipt
from metadata.keys import Purpose
from metadata.signed import Signed
from tests.sim.town import Route, Town, execute

DAYS = timedelta(days=7)
NONE = timedelta(0)


def change(town: Town, name: str, purpose: Purpose, suite: int = 1, overlap: timedelta = DAYS) -> str:
    with town.node(name) as node:
        return rotate.rotate(node, purpose, suite, overlap).key_id


def upkeep(town: Town, name: str) -> int:
    with town.node(name) as node:
        return rotate.upkeep(node)


def files(town: Town, name: str) -> list[str]:
    return sorted(path.name for path in (town.homes[name] / "keys").glob("*.pem"))


def opens(town: Town, name: str, sealed: Path) -> bool:
    """Whether any key file there is opens a sealed object."""
    keys = KeyStore.load(town.homes[name] / "keys")
    with sealed.open("rb") as stream:
        named = {recipient.key_id for recipient in envelope.read_header(stream).recipients}
    return bool(named & keys.decryption.keys())


@pytest.fixture
def route(own_town: Town) -> Route:
    return own_town.route()


def test_batches_of_both_suites_go_on_through_every_change(own_town: Town) -> None:
    routes = [own_town.route(minimum_suite=suite) for suite in (1, 2)]
    sent = [(route, route.send()) for route in routes]
    for name in ("gongan", "renshe"):
        for purpose in ("identity", "decryption"):
            change(own_town, name, purpose, 1)
            change(own_town, name, purpose, 2)
    for route, under_way in sent:
        assert route.arrive() == [under_way]
        route.require("renshe", under_way, "closed")  # sealed and announced with what was replaced since
        route.require("gongan", under_way, "closed")
        route.insert([("110101199001011237", "后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
        assert route.exchange() > under_way
        assert route.received_rows() == route.sent_rows()
        assert route.findings() == []


def test_new_batches_are_sealed_to_both_keys_and_signed_with_the_new(route: Route, own_town: Town) -> None:
    old = route.grant.consumer.decryption_key_ids[0]
    new, signer = change(own_town, "renshe", "decryption"), change(own_town, "gongan", "identity")
    seq = route.send()
    with (
        own_town.node("gongan") as node,
        node.spool.open(route.route_id, seq, route.batch("gongan", seq).digest) as file,
    ):
        assert {recipient.key_id for recipient in envelope.read_header(file).recipients} == {old, new}
        assert node.keys.identity.key_id == signer
    assert "identity.pem" not in files(own_town, "gongan")


def test_after_its_window_nothing_on_disk_opens_old_ciphertext(route: Route, own_town: Town) -> None:
    seq = route.exchange()
    sealed = route.objects(seq)[0]
    assert opens(own_town, "renshe", sealed)
    change(own_town, "renshe", "decryption")
    assert upkeep(own_town, "renshe") == 0  # the overlap
    change(own_town, "renshe", "decryption", overlap=NONE)
    assert opens(own_town, "renshe", sealed)  # the first is in its overlap still; the second is over
    assert upkeep(own_town, "renshe") == 1
    later = datetime.now(UTC) + DAYS + timedelta(seconds=1)
    _let_time_pass(own_town, later)
    assert not opens(own_town, "renshe", sealed)
    with own_town.node("renshe") as node:
        sync.sync(node)
    assert [entry.action for entry in own_town.directory.audit.values()].count("node:key_destroy") == 2


def _let_time_pass(town: Town, now: datetime) -> None:
    """Only for what a node does on its own: peers' clocks would not agree."""
    with town.node("renshe") as node:
        node.now = lambda: now
        rotate.retire(node)


def test_a_key_that_an_open_batch_needs_is_kept(route: Route, own_town: Town) -> None:
    seq = route.send()
    change(own_town, "renshe", "decryption", overlap=NONE)
    assert upkeep(own_town, "renshe") == 0  # not fetched: it may need it
    route.arrive()
    assert upkeep(own_town, "renshe") == 0
    route.require("renshe", seq, "closed")
    assert upkeep(own_town, "renshe") == 1
    route.require("gongan", seq, "closed")


def test_no_key_is_destroyed_while_the_relay_does_not_answer(route: Route, own_town: Town) -> None:
    change(own_town, "renshe", "decryption", overlap=NONE)
    with own_town.node("renshe") as node:
        node.relay.close()
        held = set(node.keys.held)
        with pytest.raises((ExchangeError, RuntimeError)):
            rotate.upkeep(node)
        assert set(node.keys.held) == held
    assert route.exchange()


def test_a_batch_for_a_destroyed_key_is_sealed_anew(route: Route, own_town: Town) -> None:
    with own_town.node("gongan") as node:
        own_town.directory.valid_seconds = 3600.0
        node.feed.pull(node.directory.feed, node.now())  # it will not hear of the change in time
    change(own_town, "renshe", "decryption", overlap=NONE)
    assert upkeep(own_town, "renshe") == 1
    seq = route.send()
    route.arrive()
    assert route.drive("renshe", seq).code == "NOT_A_RECIPIENT"
    own_town.directory.valid_seconds = 60.0
    route.pull("gongan")
    route.drive("gongan", seq)
    again = seq + 1
    route.require("gongan", again, "stored")
    route.arrive()
    route.require("renshe", again, "closed")
    assert route.received_rows() == route.sent_rows()


def _sealed_to(route: Route, seq: int) -> list[str]:
    """The keys to which the relay's copy of the consumer's last word is sealed."""
    wanted = "SELECT body FROM receipt WHERE route_id = %s AND seq = %s AND kind = 'applied'"
    ((body,),) = execute(route.town.relay_database, wanted, (route.route_id, seq))
    said = Receipt.from_bytes(Signed.from_bytes(bytes(body)).payload_bytes())
    return [each.key_id for each in said.sealed]


def test_a_receipt_is_sealed_to_both_keys_during_an_overlap(route: Route, own_town: Town) -> None:
    old = route.grant.provider.decryption_key_ids[0]
    new = change(own_town, "gongan", "decryption")
    route.pull("renshe")
    assert _sealed_to(route, route.exchange()) == [new, old]


def test_a_receipt_for_a_destroyed_key_is_sealed_anew(route: Route, own_town: Town) -> None:
    seq = route.send()
    route.arrive()
    route.require("renshe", seq, "closed")
    before = _sealed_to(route, seq)
    new = change(own_town, "gongan", "decryption", overlap=NONE)
    assert upkeep(own_town, "gongan") == 1
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("stored", "RECEIPT_SEALED", True)
    assert "hutong node rotate" in outcome.next_step
    with own_town.node("renshe") as node:
        sync.sync(node)
        assert receipts.seal_anew(node) == 0
    assert (before, _sealed_to(route, seq)) == ([route.grant.provider.decryption_key_ids[0]], [new])
    route.require("gongan", seq, "closed")
    with own_town.node("gongan") as node:
        sync.sync(node)
    assert route.findings() == []  # what it said is kept beside it, whatever keys there are later


def test_a_seal_opens_in_its_own_place_only(route: Route, own_town: Town) -> None:
    """Signed by the consumer itself, over another receipt's seal, or contents that are not those it names."""
    seq = route.send()
    route.arrive()
    route.require("renshe", seq, "closed")
    batch = route.batch("gongan", seq)
    with own_town.node("renshe") as consumer, own_town.node("gongan") as node:
        trust = node.trust()
        said = {
            receipt.kind: receipt
            for signed in node.relay.receipts(route.route_id, seq)
            for receipt in [receipts.open_consumers(node, trust, batch, signed).receipt]
        }
        for changes in (
            {"sealed": said["checked"].sealed},
            {"at": said["applied"].at + timedelta(seconds=1)},
            {"contents_digest": said["checked"].contents_digest},
            {"contents_digest": said["checked"].contents_digest, "sealed": said["checked"].sealed},
            {"batch_digest": "0" * 64, "kind": "refused"},
            {"sealed": tuple(each.model_copy(update={"sealed": "no base64"}) for each in said["applied"].sealed)},
            {"sealed": tuple(each.model_copy(update={"sealed": "封"}) for each in said["applied"].sealed)},
        ):
            forged = Signed.sign(RECEIPT, said["applied"].model_copy(update=changes), consumer.keys.identity)
            with pytest.raises(ExchangeError, match="RECEIPT_BAD"):
                receipts.open_consumers(node, trust, batch, forged)
        stripped = Signed.sign(RECEIPT, said["applied"].model_copy(update={"sealed": ()}), consumer.keys.identity)
        with pytest.raises(ExchangeError, match="RECEIPT_SEALED"):
            receipts.open_consumers(node, trust, batch, stripped)


def test_a_lost_answer_and_no_overlap(own_town: Town) -> None:
    own_town.directory.loses_answers = True
    with own_town.node("gongan") as node:
        with pytest.raises(ExchangeError):
            rotate.rotate(node, "identity", 1, NONE)
        with pytest.raises(ExchangeError):
            node.directory.feed(0)  # the directory knows the old key no more
    own_town.directory.loses_answers = False
    assert upkeep(own_town, "gongan") == 0
    assert files(own_town, "gongan") == [
        "decryption.pem",
        "identity.0002.pem",
        "sm2_decryption.pem",
        "sm2_identity.pem",
    ]
    with own_town.node("gongan") as node:
        assert sync.sync(node).feed_size == len(own_town.directory.entries)


def test_keys_are_listed_with_what_is_here(own_town: Town) -> None:
    new = change(own_town, "renshe", "identity", 2)
    with own_town.node("renshe") as node:
        found = {held.key.key_id: held for held in rotate.keys(node)}
    assert found[new].is_here
    assert [held.is_here for held in found.values()].count(False) == 1
    assert [held.key.until is None for held in found.values()].count(False) == 1


def test_killed_anywhere_it_goes_on(route: Route, own_town: Town) -> None:
    for point in ("rotate.made", "rotate.told", "rotate.used", "rotate.destroying"):
        done = subprocess.run(
            [sys.executable, "-c", _ROTATE, str(own_town.homes["renshe"])],
            env={"PATH": os.environ["PATH"], "HUTONG_FAILPOINT": point, "HUTONG_ALLOW_FAILPOINTS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == -9, (point, done.stderr)
        upkeep(own_town, "renshe")
        assert not [name for name in files(own_town, "renshe") if ".new." in name], point
        assert len([name for name in files(own_town, "renshe") if name.startswith("identity")]) == 1, point
    route.pull("gongan")
    assert route.exchange()
    assert route.findings() == []


_ROTATE = """
import sys
from datetime import timedelta
from pathlib import Path
from exchange.keys import rotate
from exchange.node import Node
with Node.open(Path(sys.argv[1])) as node:
    rotate.rotate(node, "identity", 1, timedelta(0))
    rotate.rotate(node, "decryption", 1, timedelta(0))
    rotate.upkeep(node)
"""
