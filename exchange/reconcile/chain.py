"""The third party: the relay's list of batches and its receipts, compared with this end's ledger."""

from collections.abc import Iterator

from sqlalchemy import Connection

from exchange import ledger, receipts
from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.peers.relay_client import Announced
from metadata.errors import MetadataError
from metadata.exchange import Manifest
from metadata.reconciliation import RelayWord
from metadata.record import canonical_bytes
from standards.crypto import digest_hex


def delivered(connection: Connection, route_id: str, seq: int) -> list[Batch]:
    """The route's batches that took effect, in order, up to a sequence."""
    return [
        batch
        for batch in ledger.batches(connection)
        if batch.route_id == route_id and batch.seq <= seq and batch.state in ("applied", "closed")
    ]


def digest_of(batches: list[Batch]) -> str:
    """One digest of sequences and sealed digests: equal at both ends when the same batches took effect."""
    return digest_hex(canonical_bytes([[batch.seq, batch.digest] for batch in batches]))


def relay_word(node: Node, trust: TrustSet, batches: list[Batch]) -> RelayWord:
    """Whether the relay lists these batches with these digests and its own valid receipts.

    What the relay no longer lists because it is older than all it lists is not held against it. ``unasked`` when it
    cannot be reached.
    """
    try:
        listed = {item.seq: item for item in _listed(node, batches[0].route_id, batches[-1].seq)}
    except ExchangeError as error:
        if not error.is_transient:
            return "disagrees"
        return "unasked"
    oldest = min(listed, default=0)
    known = {batch.seq: batch for batch in batches}
    if batches[-1].seq not in listed:
        return "disagrees"
    for seq, batch in known.items():
        if seq >= oldest and not (seq in listed and _is_ours(trust, batch, listed[seq])):
            return "disagrees"
    return "agrees"


def _listed(node: Node, route_id: str, last: int) -> Iterator[Announced]:
    after = 0
    while after < last:
        page = node.relay.batches(route_id, after)
        if not page:
            return
        yield from page
        if page[-1].seq <= after:
            raise ExchangeError("ANSWER_BAD", peer="relay", reason="the list does not go on")
        after = page[-1].seq


def _is_ours(trust: TrustSet, batch: Batch, item: Announced) -> bool:
    try:
        claimed = Manifest.from_bytes(item.manifest.payload_bytes())
        receipts.open_stored(trust, batch, item.stored, batch.digest)
    except (MetadataError, ExchangeError):
        return False
    return (claimed.route_id, claimed.seq, claimed.digest) == (batch.route_id, batch.seq, batch.digest)
