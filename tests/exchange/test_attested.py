"""What is said of a batch, and to whom: to the consumer the check report's digest, to the relay no more than this."""

import io
import json

from exchange.envelope import open as envelope
from metadata.quality import CheckReport
from metadata.signed import Signed
from standards.crypto import DecryptionKey, digest_hex
from tests.independent import stranger_receipts
from tests.sim.town import Route, Town, execute

HEADER = {
    *("content", "format", "grant_id", "kind", "previous_digest", "recipients", "route_id"),
    *("schema_digest", "seq", "suite"),
}
MANIFEST = {
    *("created_at", "digest", "grant_id", "previous_digest", "replaces_seq", "route_id", "segments", "seq"),
    *("size_bytes", "suite"),
}
RECEIPT = {"at", "batch_digest", "by_node_id", "contents_digest", "kind", "route_id", "sealed", "seq"}


def _object(route: Route, seq: int) -> bytes:
    return b"".join(path.read_bytes() for path in route.objects(seq))


def test_the_reports_digest_is_in_the_trailer(town: Town) -> None:
    """Whoever opens the batch can tell whether a report shown later is the one under which it left."""
    route = town.route()
    seq = route.send()
    report = route.batch("gongan", seq).report
    sealed = _object(route, seq)
    with town.node("gongan") as provider, town.node("renshe") as consumer:
        verified = envelope.verify(io.BytesIO(sealed), provider.keys.identity.verifying)
        trailer = envelope.unseal(io.BytesIO(sealed), verified, consumer.keys.decryption, lambda _: None)
    assert trailer.report_digest == digest_hex(report)
    assert CheckReport.from_bytes(report).run > 0
    assert report not in sealed


def test_what_the_relay_can_see(town: Town) -> None:
    """No digest of rows or of a report before the consumer speaks of it, no value, no name of a file: these and no
    others. A member added to one of them is to be thought about here and in docs/limits.md.
    """
    route = town.route()
    seq = route.exchange()
    place = (route.route_id, seq)
    ((announced, stored),) = execute(
        town.relay_database, "SELECT manifest, stored FROM batch WHERE route_id = %s AND seq = %s", place
    )
    said = execute(town.relay_database, "SELECT body FROM receipt WHERE route_id = %s AND seq = %s", place)
    sealed = _object(route, seq)
    assert json.loads(sealed[19 : 19 + int.from_bytes(sealed[15:19], "big")]).keys() == HEADER
    assert json.loads(Signed.from_bytes(bytes(announced)).payload_bytes()).keys() == MANIFEST
    assert len(said) == 3
    for body in (stored, *(body for (body,) in said)):
        assert json.loads(Signed.from_bytes(bytes(body)).payload_bytes()).keys() == RECEIPT


def test_a_stranger_opens_a_receipt_by_what_is_written_of_it(town: Town) -> None:
    route = town.route()
    seq = route.exchange()
    place = (route.route_id, seq)
    said = execute(town.relay_database, "SELECT kind, body FROM receipt WHERE route_id = %s AND seq = %s", place)
    with town.node("gongan") as node, town.node("renshe") as consumer:
        (key,) = [each for each in node.keys.decryption.values() if isinstance(each, DecryptionKey)]
        signer = consumer.keys.identity.verifying.public
    for kind, body in said:
        clear, contents = stranger_receipts.read(bytes(body), signer, key.private.private_bytes_raw())
        assert (clear["kind"], clear["seq"], contents["code"]) == (kind, seq, "")
        assert contents["rows"] == (None if kind == "verified" else 10)
