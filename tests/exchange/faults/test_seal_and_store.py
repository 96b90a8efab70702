"""F11-F23: what goes wrong while a batch is sealed, uploaded and announced. One object, one announcement, in order."""

import contextlib
import os
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine

from exchange import steps
from exchange.envelope.header import Label
from exchange.envelope.seal import Sealer
from exchange.envelope.stream import nonce
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers.feed import FeedStore
from exchange.relay.store import open_store
from exchange.relay.sweep import sweep
from metadata.exchange import Manifest
from metadata.signed import Signed
from standards.crypto import DecryptionKey, SigningKey, digest_hex, random_bytes
from tests.exchange.faults.conftest import Frail, rerouted
from tests.exchange.faults.matrix import bulk, overtake, parts
from tests.sim import processes
from tests.sim.checker import SmallChecker
from tests.sim.proxy import Fault, proxied
from tests.sim.town import Route, Town, execute

ROWS = 10_000  # over 100 kB when sealed
SEALS = int(os.environ.get("HUTONG_SEALS", "500"))
ENCAPSULATED = 32  # bytes: the fresh public key of each wrapping


def _sealed(town: Town) -> tuple[Route, int]:
    """A batch of some size, sealed and not yet stored."""
    route = town.route([])
    bulk(route, ROWS)
    seq = route.plan()
    with town.node("gongan") as node:
        assert steps.step(node, route.route_id, seq, SmallChecker()).state == "sealed"
    return route, seq


def _announced(route: Route) -> list[int]:
    rows = execute(
        route.town.relay_database, "SELECT seq FROM batch WHERE route_id = %s ORDER BY seq", (route.route_id,)
    )
    return [seq for (seq,) in rows]


def _require_arrives(route: Route, seq: int) -> None:
    """From wherever the provider is to closed at both ends, with one object and one announcement."""
    outcome = route.drive("gongan", seq)
    assert outcome.state == "stored", outcome
    assert len(route.objects(seq)) == 1
    assert _announced(route).count(seq) == 1
    assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_f11_killed_before_the_file_is_on_disk(town: Town) -> None:
    """S3 kill between file write and fsync: no half object is announced."""
    route = town.route()
    seq = route.plan()
    processes.die(town, "gongan", "seal.copied", "drive", route.route_id, str(seq))
    assert len(parts(route, "gongan")) == 1
    assert route.batch("gongan", seq).state == "due"
    assert _announced(route) == []
    _require_arrives(route, seq)
    assert parts(route, "gongan") == []


def test_f12_the_consumer_was_revoked(own_town: Town) -> None:
    """S3 recipient key revoked just before: RECIPIENT_REVOKED, nothing is sent."""
    route = own_town.route()
    seq = route.plan()
    own_town.directory.revoke("renshe")
    route.pull("gongan")
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "RECIPIENT_REVOKED")
    assert route.objects(seq) == []
    assert route.findings() == []


def test_f13_the_clock_is_a_day_behind(town: Town) -> None:
    """S3 system clock -1 day: CLOCK_SKEW, nothing is sealed; with the clock right it goes on."""
    route = town.route()
    seq = route.plan()
    outcome = route.drive("gongan", seq, clock=lambda: datetime.now(UTC) - timedelta(days=1))
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "CLOCK_SKEW", True)
    _require_arrives(route, seq)


def test_f14_no_key_is_drawn_twice() -> None:
    """S3 many seals, every third broken off and begun again as after a crash: no content key twice, no nonce twice
    under one of them. 10,000 in ``make bar-faults`` (HUTONG_SEALS).
    """
    label = Label(
        suite=1,
        route_id="r-1",
        seq=1,
        previous_digest="",
        schema_digest="0" * 64,
        grant_id="g",
        content="pg_copy_text",
        kind="full",
    )
    reader, signer, drawn = DecryptionKey.generate(), SigningKey.generate(), []

    def random(size_bytes: int) -> bytes:
        drawn.append(random_bytes(size_bytes))
        return drawn[-1]

    wrapped = set()
    for number in range(SEALS):
        with Sealer(label, [reader.wrapping], signer, lambda _: None, random=random) as sealer:
            wrapped.add(sealer.header.recipients[0].wrapped_bytes())
            sealer.write(b"1\n")
            if number % 3:
                sealer.finish(1, "0" * 64, 0, [], target_rows=1)
    assert len(set(drawn)) == len(wrapped) == len({each[:ENCAPSULATED] for each in wrapped}) == SEALS
    assert {len(each) for each in drawn} == {32}
    nonces = {nonce(number, is_last=is_last) for number in range(10_000) for is_last in (False, True)}
    assert len(nonces) == 20_000


def test_f15_the_upload_breaks_five_times(town: Town) -> None:
    """S4 cut after each of five byte offsets: it is taken up again, and there is one object."""
    route, seq = _sealed(town)
    with proxied(town.relay_url) as line, rerouted(town, "gongan", town.relay_url, line.url):
        for offset in (10, 900, 5_000, 40_000, 80_000):
            line.plan(Fault("up", cut_at=offset))
            outcome = route.drive("gongan", seq)
            assert (outcome.state, outcome.code, outcome.is_waiting) == ("sealed", "RELAY_DOWN", True)
            assert _announced(route) == []
        assert line.connections >= 5
    _require_arrives(route, seq)
    assert list((town.relay_home / "store" / "incoming").iterdir()) == []


def test_f16_killed_after_the_upload(town: Town) -> None:
    """S4 kill after PUT before the ledger's commit: the object is found standing, no second one is made."""
    route = town.route()
    seq = route.plan()
    processes.die(town, "gongan", "store.uploaded", "drive", route.route_id, str(seq))
    digest = route.batch("gongan", seq).digest
    before = execute(town.relay_database, "SELECT created_at FROM object WHERE digest = %s", (digest,))
    assert len(before) == 1
    assert _announced(route) == []
    _require_arrives(route, seq)
    assert execute(town.relay_database, "SELECT created_at FROM object WHERE digest = %s", (digest,)) == before


@contextlib.contextmanager
def _files_at_most(size_bytes: int) -> Iterator[None]:
    """No file of this process, in which the relay serves, can grow beyond: writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_f17_the_relays_disk_is_full(town: Town) -> None:
    """S4 relay disk full: it waits and says so (507 RELAY_FULL), and goes on by itself."""
    route, seq = _sealed(town)
    with _files_at_most(50_000):
        outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("sealed", "RELAY_NOT_READY", True)
    assert "RELAY_FULL" in outcome.explanation_zh
    assert route.status("gongan", seq).code == "RELAY_NOT_READY"
    _require_arrives(route, seq)


def test_f18_a_byte_is_altered_on_the_way(town: Town) -> None:
    """S4 proxy flips one byte: the relay refuses, the provider sends again."""
    route, seq = _sealed(town)
    with proxied(town.relay_url) as line, rerouted(town, "gongan", town.relay_url, line.url):
        line.plan(Fault("up", corrupt_at=20_000))
        outcome = route.drive("gongan", seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("sealed", "RELAY_NOT_READY", True)
        assert "OBJECT_DIFFERS" in outcome.explanation_zh
    digest = route.batch("gongan", seq).digest
    assert execute(town.relay_database, "SELECT * FROM object WHERE digest = %s", (digest,)) == []
    _require_arrives(route, seq)


def test_f19_an_upload_that_nobody_announced(town: Town) -> None:
    """S4 upload left over: swept when its time has come, and nothing else is."""
    route = town.route()
    seq = route.send()
    left = random_bytes(1000)
    with town.node("gongan") as node:
        node.relay.put_object(digest_hex(left), iter([left]), len(left))
    store, engine = open_store("", town.relay_home), create_engine(town.relay_database)
    trust = FeedStore(engine, town.directory.key.verifying.public.hex(), "relay").load()
    try:
        sweep(engine, store, 30, lambda: datetime.now(UTC), trust)
        assert store.size(digest_hex(left)) == 1000
        later = datetime.now(UTC) + timedelta(seconds=LIMITS.unreferenced_seconds + 1)
        sweep(engine, store, 30, lambda: later, trust)
    finally:
        engine.dispose()
    assert store.size(digest_hex(left)) is None
    _require_arrives(route, seq)


def test_f20_killed_after_the_announcement(town: Town) -> None:
    """S5 kill after announce before commit: announcing again changes nothing."""
    route = town.route()
    seq = route.plan()
    processes.die(town, "gongan", "store.before_commit", "drive", route.route_id, str(seq))
    place = "SELECT manifest, stored FROM batch WHERE route_id = %s"
    before = execute(town.relay_database, place, (route.route_id,))
    assert len(before) == 1
    _require_arrives(route, seq)
    assert execute(town.relay_database, place, (route.route_id,)) == before


def test_f21_two_workers_announce(town: Town) -> None:
    """S5 two workers announce the same batch: one manifest, and the overtaken one stops with STALE_LEASE."""
    route = town.route()
    seq = route.plan()
    with processes.frozen(town, "gongan", "store.uploaded", "drive", route.route_id, str(seq)) as thaw:
        assert route.drive("gongan", seq).code == "BATCH_BUSY"
        overtake(route, "gongan", seq)
        assert route.drive("gongan", seq).state == "stored"
        assert thaw() == "stored STALE_LEASE"
    assert _announced(route) == [seq]
    _require_arrives(route, seq)


def test_f22_a_batch_is_announced_too_early(town: Town) -> None:
    """S5 announce 3 when 2 is missing: 409 EXPECTED_SEQ, which names 2."""
    route = town.route()
    seq = route.send()
    said = Manifest.from_bytes(Signed.from_bytes(route.batch("gongan", seq).manifest).payload_bytes())
    early = said.model_copy(update={"seq": 3, "previous_digest": said.digest, "digest": "1" * 64})
    with town.node("gongan") as node:
        signed = Signed.sign("manifest/1", early, node.keys.identity)
        with pytest.raises(ExchangeError) as raised:
            node.relay.announce(route.route_id, signed)
    assert raised.value.values["refusal"] == "EXPECTED_SEQ"
    assert "2" in str(raised.value.values["detail"])
    assert _announced(route) == [seq]
    _require_arrives(route, seq)


def test_f23_the_relays_database_dies_while_it_takes_an_announcement(frail: Frail) -> None:
    """S5 relay PostgreSQL killed during announce: the announcement is there whole or not at all."""
    route = frail.town.route()
    seq = route.plan()
    frail.relay.at_commit(b"INSERT INTO batch", frail.kill)
    try:
        outcome = route.drive("gongan", seq)
        assert outcome.is_waiting
        assert (outcome.state, outcome.code) in {
            ("sealed", "RELAY_NOT_READY"),
            ("sealed", "RELAY_DOWN"),
            ("stored", "RELAY_NOT_READY"),
        }
        assert frail.relay.fired.wait(30)
    finally:
        frail.start()
    assert _announced(route) in ([], [seq])
    _require_arrives(route, seq)
