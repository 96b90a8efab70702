"""F24-F35: what a relay, a line or an old key does to a batch on its way in. What is not right is never loaded."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.envelope import open as envelope
from exchange.keys.trust import CIVIL_TIME
from metadata.exchange import Manifest
from metadata.signed import Signed
from standards.crypto import DecryptionKey, digest_hex
from standards.errors import ExplainedError
from tests.exchange.envelope import forge
from tests.exchange.faults.matrix import parts, staged
from tests.sim import processes
from tests.sim.people import people
from tests.sim.town import Route, Town, execute


def _arrived(route: Route) -> int:
    seq = route.send()
    assert route.arrive() == [seq]
    return seq


def _alter(route: Route, seq: int, change: Callable[[bytes], bytes]) -> None:
    for path in route.objects(seq):
        path.write_bytes(change(path.read_bytes()))


def _require_refused(route: Route, seq: int, *codes: str) -> None:
    """Quarantined with the code at both ends, in plain words, and nothing loaded."""
    outcome = route.drive("renshe", seq)
    assert outcome.state == "quarantined"
    assert outcome.code in codes
    assert outcome.explanation_zh
    assert outcome.next_step
    assert route.nothing_loaded()
    assert route.status("renshe", seq).code == outcome.code
    provider = route.drive("gongan", seq)
    assert (provider.state, provider.code) == ("quarantined", outcome.code)
    assert route.findings() == []


def _said(route: Route, seq: int) -> Manifest:
    return Manifest.from_bytes(Signed.from_bytes(route.batch("gongan", seq).manifest).payload_bytes())


def _place(route: Route, seq: int, manifest: Manifest, name: str = "gongan") -> None:
    """What the relay's administrator could list, signed by one of the nodes."""
    with route.town.node(name) as node:
        signed = Signed.sign("manifest/1", manifest, node.keys.identity)
    execute(
        route.town.relay_database,
        "UPDATE batch SET manifest = %s WHERE route_id = %s AND seq = %s",
        (signed.to_bytes(), route.route_id, seq),
    )


def test_f24_the_object_is_short(town: Town) -> None:
    """S6 truncated object, three times: OBJECT_TRUNCATED."""
    route = town.route()
    seq = _arrived(route)
    _alter(route, seq, lambda data: data[: len(data) // 2])
    _require_refused(route, seq, "OBJECT_TRUNCATED")


def test_f25_any_byte_is_flipped(town: Town) -> None:
    """S6 flipped byte: every byte of a real object, one after the other, is never accepted."""
    route = town.route(people(3))
    seq = _arrived(route)
    (path,) = route.objects(seq)
    right = path.read_bytes()
    with town.node("renshe") as node, town.node("gongan") as provider:
        signer, keys = provider.keys.identity.verifying, node.keys.decryption
        verified = envelope.verify(io.BytesIO(right), signer)
        for at in range(len(right)):
            altered = right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]
            with pytest.raises(ExplainedError):
                envelope.verify(io.BytesIO(altered), signer)
            with pytest.raises(ExplainedError):
                envelope.unseal(io.BytesIO(altered), verified, keys, lambda _: None)
    _alter(route, seq, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    _require_refused(route, seq, "OBJECT_DIGEST")


def test_f26_another_routes_object(town: Town) -> None:
    """S6 the relay serves another dataset's valid object: it does not have the announced digest."""
    route, other = town.route(), town.route()
    seq, foreign = _arrived(route), other.objects(other.send())[0].read_bytes()
    _alter(route, seq, lambda _: foreign)
    _require_refused(route, seq, "OBJECT_DIGEST", "OBJECT_TRUNCATED")


def test_f27_an_earlier_batch_comes_again(town: Town) -> None:
    """S7 replay of an earlier batch after a later one: nothing happens; in the next one's place it is REPLAYED."""
    route = town.route()
    first = route.exchange()
    route.insert(people(12)[10:])
    second = route.exchange()
    before = route.received_rows()
    assert route.arrive() == []
    assert route.drive("renshe", first).state == "closed"
    assert route.drive("gongan", first).state == "closed"
    third = route.send()
    _place(route, third, _said(route, first))
    assert route.arrive() == [third]
    assert route.drive("renshe", third).code == "REPLAYED"
    assert route.received_rows() == before
    assert second == 2
    assert route.findings() == []


def test_f28_a_later_batch_comes_first(town: Town) -> None:
    """S7 batch 3 before 2: it waits with WAITING_FOR_SEQ 2, then both in order."""
    route = town.route()
    route.exchange()
    second = route.send()
    state = "UPDATE batch SET state = %s WHERE route_id = %s AND seq = %s"  # else its provider would not send a third
    execute(town.databases["gongan"], state, ("closed", route.route_id, second))
    route.insert(people(12)[10:])
    third = route.send()
    assert route.arrive() == [second, third]
    outcome = route.drive("renshe", third)
    assert (outcome.code, outcome.is_waiting) == ("WAITING_FOR_SEQ", True)
    assert str(second) in outcome.explanation_zh
    route.require("renshe", second, "closed")
    route.require("renshe", third, "closed")
    route.require("gongan", third, "closed")
    execute(town.databases["gongan"], state, ("stored", route.route_id, second))
    route.require("gongan", second, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_f29_another_departments_signature(town: Town) -> None:
    """S7 announcement signed by the key of another department: MANIFEST_BAD."""
    route = town.route()
    seq = route.send()
    _place(route, seq, _said(route, seq), "renshe")
    assert route.arrive() == [seq]
    _require_refused(route, seq, "MANIFEST_BAD")


def test_f30_the_provider_was_revoked(own_town: Town) -> None:
    """S7 signer revoked between seal and verify: SIGNER_REVOKED, whenever it was sealed."""
    route = own_town.route()
    seq = _arrived(route)
    own_town.directory.revoke("gongan")
    route.pull("renshe")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "SIGNER_REVOKED")
    assert route.nothing_loaded()
    assert route.findings() == []


def test_f31_times_that_do_not_fit(town: Town) -> None:
    """S7 announcement 6 minutes in the future: quarantined, by 4 minutes it is taken; a grant that has ended is
    GRANT_EXPIRED.
    """
    early, near = town.route(), town.route()
    for route, minutes in ((early, 6), (near, 4)):
        seq = route.send()
        ahead = _said(route, seq).created_at + timedelta(minutes=minutes)
        _place(route, seq, _said(route, seq).model_copy(update={"created_at": ahead}))
        assert route.arrive() == [seq]
    _require_refused(early, 1, "MANIFEST_BAD")
    near.require("renshe", 1, "closed")
    today: date = datetime.now(CIVIL_TIME).date()
    ended = town.route().renew(valid_until=today)
    seq = _arrived(ended)
    town.directory.valid_seconds = 3 * 86_400.0
    try:
        ended.pull("renshe")
        outcome = ended.drive("renshe", seq, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    finally:
        town.directory.valid_seconds = 60.0
    assert (outcome.state, outcome.code) == ("quarantined", "GRANT_EXPIRED")
    assert ended.nothing_loaded()
    near.require("gongan", 1, "closed")
    assert near.received_rows() == near.sent_rows()
    assert [*near.findings(), *ended.findings()] == []


def _order_missing(batch: forge.Batch) -> None:
    del batch.sealed[-1]


def _order_twice_final(batch: forge.Batch) -> None:
    batch.seal([0, 1, 0, 1])


def _order_swapped(batch: forge.Batch) -> None:
    batch.sealed[0], batch.sealed[1] = batch.sealed[1], batch.sealed[0]


@pytest.mark.parametrize(
    ("code", "spoil", "extra"),
    [
        ("NO_FINAL_CHUNK", _order_missing, b""),
        ("CHUNK_AFTER_FINAL", _order_twice_final, b""),
        ("AEAD_TAG", _order_swapped, b""),
        ("TRAILING_BYTES", lambda _: None, b"\0"),
    ],
)
def test_f32_chunks_that_do_not_end_right(
    town: Town, code: str, spoil: Callable[[forge.Batch], None], extra: bytes
) -> None:
    """S8 missing final chunk, two final chunks, swapped chunks, extra bytes: four codes, though the provider's own key
    has signed the object and its announcement.
    """
    route = town.route()
    seq = route.send()
    label = json.loads(_front(route.objects(seq)[0].read_bytes())[19:]) | {"content": "pg_copy_text"}
    del label["recipients"]
    with town.node("gongan") as provider, town.node("renshe") as consumer:
        signer = provider.keys.identity.private
        readers = tuple(key.private for key in consumer.keys.decryption.values() if isinstance(key, DecryptionKey))
    rows = [b"\t".join([number, *[b"\\N"] * 4]) + b"\n" for number in (b"1", b"2", b"3")]
    batch = forge.Batch.of(*rows, keys=readers, **label)
    batch.signer = signer
    spoil(batch)
    _announce(route, seq, batch.bytes() + extra)
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", code)
    assert outcome.next_step
    assert route.nothing_loaded()
    assert route.status("renshe", seq).code == code
    # What lies here is not what its own node sealed: it is told so by the receipt for other bytes, or by the refusal.
    provider = route.drive("gongan", seq)
    told = ("quarantined", code) if extra else ("held", "RECEIPT_BAD")
    assert (provider.state, provider.code) == told
    assert route.findings() == []


def test_f34_killed_while_opening(town: Town) -> None:
    """S8 kill mid-decrypt: no plaintext remains, in no file and no table."""
    canary = "金丝雀3K9"
    route = town.route([(f"99{n:015d}X", canary, "990000", "1.00", "2026-02-02T00:00:00Z") for n in range(50)])
    seq = _arrived(route)
    processes.die(town, "renshe", "stage.loaded", "drive", route.route_id, str(seq))
    for folder in (*town.homes.values(), town.relay_home):
        for path in folder.rglob("*"):
            assert not path.is_file() or canary.encode() not in path.read_bytes(), path
    route.require("renshe", seq, "closed")
    assert staged(route) == []
    assert parts(route, "renshe") == []
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_f35_a_body_under_another_header(town: Town) -> None:
    """S8 the envelope is wrapped anew for another place, validly announced: the signature over the header fails."""
    route, other = town.route(), town.route()
    seq = route.send()
    (path,) = route.objects(seq)
    mine, theirs = path.read_bytes(), other.objects(other.send())[0].read_bytes()
    spliced = _front(mine) + theirs[len(_front(theirs)) :]
    _announce(route, seq, spliced)
    _require_refused(route, seq, "SIG_BAD")


def _announce(route: Route, seq: int, data: bytes) -> None:
    """Other bytes in the place of a batch, announced validly: what the relay and the provider's key could do."""
    said, digest = _said(route, seq), digest_hex(data)
    segment = said.segments[0].model_copy(update={"digest": digest, "size_bytes": len(data)})
    changes = {"digest": digest, "size_bytes": len(data), "segments": (segment,)}
    with route.town.node("gongan") as node:
        node.relay.put_object(digest, iter([data]), len(data))
    _place(route, seq, said.model_copy(update=changes))
    place = "UPDATE segment SET digest = %s WHERE route_id = %s AND seq = %s"
    execute(route.town.relay_database, place, (digest, route.route_id, seq))
    assert route.arrive() == [seq]


def _front(sealed: bytes) -> bytes:
    """Magic, header length and header (exchange/docs/sealed-batch.md, "Layout")."""
    return sealed[: 15 + 4 + int.from_bytes(sealed[15:19], "big")]
