"""A sealed batch goes to the relay: its segments, its announcement, and to one that has forgotten, what went before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from sqlalchemy import select

from exchange import audit, ledger
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.peers.relay_client import Announced, History, Past
from exchange.spool import name_of
from exchange.store import RECEIPT
from metadata.exchange import Segment
from metadata.signed import Signed
from standards.crypto import hasher


def upload(node: Node, batch: Batch) -> tuple[Segment, ...]:
    """Every segment that the relay does not have yet, each by its digest."""
    with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
        segments = _segments(batch, file, node.settings.segment_bytes)
        for number, segment in enumerate(segments):
            if not node.relay.has_object(segment.digest):
                file.seek(number * node.settings.segment_bytes)
                node.relay.put_object(segment.digest, _pieces(file, segment.size_bytes), segment.size_bytes)
    return segments


def announce(node: Node, batch: Batch, manifest: Signed) -> Signed:
    """The relay's receipt for the announcement.

    Raises ``SEQ_FORK`` when the relay has another content of this node's for this place; ``HUB_BEHIND`` when it lacks
    what went before, which it then has been brought, so that the next try succeeds.
    """
    try:
        return node.relay.announce(batch.route_id, manifest)
    except ExchangeError as error:
        refusal = error.values.get("refusal") if error.code == "RELAY_REFUSED" else ""
        if refusal == "SEQ_FORK":
            raise ExchangeError("SEQ_FORK", route_id=batch.route_id, seq=batch.seq) from None
        if refusal == "EXPECTED_SEQ" and _bring_back(node, batch):
            raise ExchangeError("HUB_BEHIND", route_id=batch.route_id, seq=batch.seq) from None
        raise


def listed(node: Node, batch: Batch) -> Announced | None:
    """What the relay lists in the batch's place; None: it has not left."""
    found = node.relay.batches(batch.route_id, batch.seq - 1)
    return next((each for each in found if each.seq == batch.seq), None)


def require_listed(node: Node, batch: Batch) -> None:
    """A batch that waits for its receipt is still at the relay; else it goes there again. Raises ``HUB_BEHIND``."""
    if listed(node, batch) is not None:
        return
    _bring_back(node, batch)
    upload(node, batch)
    announce(node, batch, Signed.from_bytes(batch.manifest))
    raise ExchangeError("HUB_BEHIND", route_id=batch.route_id, seq=batch.seq)


def _bring_back(node: Node, batch: Batch) -> int:
    """Tell the relay of every earlier batch what was announced and what the consumer said last; how many."""
    with node.engine.begin() as connection:
        earlier = [
            each
            for each in ledger.batches(connection)
            if each.route_id == batch.route_id and each.seq < batch.seq and each.manifest
        ]
        words = {
            (row.seq, row.kind): Signed.from_bytes(bytes(row.body))
            for row in connection.execute(select(RECEIPT).where(RECEIPT.c.route_id == batch.route_id))
        }
        past = []
        for each in earlier:
            last_word = words.get((each.seq, "applied")) or words.get((each.seq, "refused"))
            if last_word is not None:
                past.append(Past(manifest=Signed.from_bytes(each.manifest), last_word=last_word))
        entry = node.entry("relay:restore", batch.subject, code="HUB_BEHIND", details={"batches": len(past)})
        audit.enqueue(connection, entry)
    for start in range(0, len(past), LIMITS.listing_page):
        node.relay.restore(batch.route_id, History(batches=tuple(past[start : start + LIMITS.listing_page])))
    return len(past)


def _segments(batch: Batch, file: BinaryIO, most_bytes: int) -> tuple[Segment, ...]:
    """The file in pieces, their digests, and on the way that it still is what was sealed. Raises ``SPOOL_ALTERED``."""
    size_bytes = batch.size_bytes or 0
    whole, segments = hasher(), []
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-digest") as digester:
        for start in range(0, size_bytes, most_bytes):
            size = min(most_bytes, size_bytes - start)
            segment = hasher()
            for piece in _pieces(file, size):
                digested = digester.submit(whole.update, piece)
                segment.update(piece)
                digested.result()
            segments.append(Segment(digest=segment.hexdigest(), size_bytes=size))
    if file.read(1) or whole.hexdigest() != batch.digest:
        raise ExchangeError("SPOOL_ALTERED", name=name_of(batch.route_id, batch.seq, batch.digest))
    return tuple(segments)


def _pieces(file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0 and (piece := file.read(min(size_bytes, LIMITS.read_bytes))):
        size_bytes -= len(piece)
        yield piece
