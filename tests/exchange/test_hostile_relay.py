"""A relay that lies: whatever it does to bytes, order or words is refused with its code, and nothing is loaded."""

from collections.abc import Callable

import pytest

from metadata.exchange import Manifest
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim.town import Route, Town, execute


def _tamper(route: Route, seq: int, change: Callable[[bytes], bytes]) -> None:
    for path in route.objects(seq):
        path.write_bytes(change(path.read_bytes()))


def _flip(offset: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        damaged = bytearray(data)
        damaged[offset] ^= 0x01
        return bytes(damaged)

    return change


def _require_refused(route: Route, seq: int, code: str) -> None:
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", code)
    assert outcome.explanation_zh
    assert outcome.next_step
    assert route.nothing_loaded()
    assert route.status("renshe", seq).code == code
    provider = route.drive("gongan", seq)
    assert (provider.state, provider.code) == ("quarantined", code)
    assert route.findings() == []


@pytest.mark.parametrize("offset", [0, 20, 200, -200, -70, -1])
def test_a_flipped_byte(town: Town, offset: int) -> None:
    route = town.route()
    seq = route.send()
    route.arrive()
    _tamper(route, seq, _flip(offset))
    _require_refused(route, seq, "OBJECT_DIGEST")


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_a_truncated_object(town: Town, kept: int) -> None:
    route = town.route()
    seq = route.send()
    route.arrive()
    _tamper(route, seq, lambda data: data[:kept])
    _require_refused(route, seq, "OBJECT_TRUNCATED")


def test_an_object_of_another_route(town: Town) -> None:
    route, other = town.route(), town.route()
    seq, other_seq = route.send(), other.send()
    route.arrive()
    foreign = other.objects(other_seq)[0].read_bytes()
    _tamper(route, seq, lambda _: foreign)
    outcome = route.drive("renshe", seq)
    assert outcome.state == "quarantined"
    assert outcome.code in ("OBJECT_DIGEST", "OBJECT_TRUNCATED")
    assert route.nothing_loaded()


def _place(route: Route, seq: int, manifest: Signed) -> None:
    """Put a manifest in a place of the relay's listing, as its administrator could."""
    execute(
        route.town.relay_database,
        "UPDATE batch SET manifest = %s WHERE route_id = %s AND seq = %s",
        (manifest.to_bytes(), route.route_id, seq),
    )


def test_an_earlier_batch_in_the_next_ones_place_is_a_replay(town: Town) -> None:
    route = town.route()
    first = route.exchange()
    before = route.received_rows()
    town.run("gongan", f"DELETE FROM {route.source}")
    route.insert([("99000000000000000X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
    second = route.send()
    _place(route, second, Signed.from_bytes(route.batch("gongan", first).manifest))
    assert route.arrive() == [second]
    outcome = route.drive("renshe", second)
    assert (outcome.state, outcome.code) == ("quarantined", "REPLAYED")
    assert route.received_rows() == before
    assert route.status("renshe", second).code == "REPLAYED"


def test_another_routes_manifest_is_swapped(town: Town) -> None:
    route, other = town.route(), town.route()
    seq, other_seq = route.send(), other.send()
    _place(route, seq, Signed.from_bytes(other.batch("gongan", other_seq).manifest))
    route.arrive()
    _require_refused(route, seq, "SWAPPED")


def test_a_manifest_signed_by_somebody_else(town: Town) -> None:
    route = town.route()
    seq = route.send()
    said = Manifest.from_bytes(Signed.from_bytes(route.batch("gongan", seq).manifest).payload_bytes())
    _place(route, seq, Signed.sign("manifest/1", said, SigningKey.generate()))
    route.arrive()
    _require_refused(route, seq, "MANIFEST_BAD")


def _signed_by_provider(route: Route, seq: int, **changes: object) -> Signed:
    """What a compromised provider could sign about a batch."""
    said = Manifest.from_bytes(Signed.from_bytes(route.batch("gongan", seq).manifest).payload_bytes())
    with route.town.node("gongan") as node:
        return Signed.sign("manifest/1", said.model_copy(update=changes), node.keys.identity)


def test_a_batch_that_follows_another_than_ours(town: Town) -> None:
    route = town.route()
    route.exchange()
    seq = route.send()
    _place(route, seq, _signed_by_provider(route, seq, previous_digest="0" * 64))
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "OUT_OF_ORDER")


def test_a_validly_announced_object_whose_header_belongs_elsewhere(town: Town) -> None:
    route, other = town.route(), town.route()
    seq, other_seq = route.send(), other.send()
    said = Manifest.from_bytes(Signed.from_bytes(other.batch("gongan", other_seq).manifest).payload_bytes())
    same_place = {"digest": said.digest, "size_bytes": said.size_bytes, "segments": said.segments}
    _place(route, seq, _signed_by_provider(route, seq, **same_place))
    execute(
        town.relay_database,
        "UPDATE segment SET digest = %s WHERE route_id = %s AND seq = %s",
        (said.segments[0].digest, route.route_id, seq),
    )
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "SWAPPED")
    assert route.nothing_loaded()


def test_a_missing_object_waits_and_then_arrives(town: Town) -> None:
    route = town.route()
    seq = route.send()
    route.arrive()
    path = route.objects(seq)[0]
    hidden = path.rename(path.with_suffix(".hidden"))
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code, outcome.is_waiting) == ("stored", "WAITING_FOR_OBJECT", True)
    hidden.rename(path)
    assert route.drive("renshe", seq).state == "closed"
    assert route.received_rows() == route.sent_rows()


def test_a_forged_receipt_closes_nothing(town: Town) -> None:
    route = town.route()
    seq = route.send()
    route.arrive()
    assert route.drive("renshe", seq).state == "closed"
    row = execute(
        town.relay_database,
        "SELECT body FROM receipt WHERE route_id = %s AND seq = %s AND kind = 'applied'",
        (route.route_id, seq),
    )
    true_word = Signed.from_bytes(bytes(row[0][0]))
    forged = true_word.model_copy(update={"payload": Signed.from_bytes(route.batch("gongan", seq).manifest).payload})
    execute(
        town.relay_database,
        "UPDATE receipt SET body = %s WHERE route_id = %s AND seq = %s AND kind = 'applied'",
        (forged.to_bytes(), route.route_id, seq),
    )
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "RECEIPT_BAD")
