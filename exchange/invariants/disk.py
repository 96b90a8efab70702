"""Files on the node's own disk: I5, I7."""

from collections.abc import Iterator

from exchange import disk
from exchange.envelope.stream import MAGIC
from exchange.errors import ExchangeError
from exchange.invariants.evidence import Evidence, finding
from exchange.ledger import Batch
from exchange.node import Node
from exchange.spool import digest_of, name_of
from standards.findings import Finding

_WITH_FILE = frozenset({"sealed", "fetched", "verified", "staged", "checked", "applied"})
_WRITING = frozenset({"due", "stored"})


def kept(node: Node, found: Evidence) -> Iterator[Finding]:
    """I5: a batch that is not closed still has its ciphertext, unaltered."""
    for batch in found.batches.values():
        is_sent = batch.role == "provider" and batch.state in ("stored", "quarantined")
        if not (batch.state in _WITH_FILE or is_sent or batch.held_from in _WITH_FILE):
            continue
        try:
            with (
                disk.faults(node.spool.folder),
                node.spool.open(batch.route_id, batch.seq, batch.digest) as file,
            ):
                is_whole = digest_of(file, (batch.size_bytes or 0) + 1) == batch.digest
        except ExchangeError:
            is_whole = False
        if not is_whole:
            name = name_of(batch.route_id, batch.seq, batch.digest)
            yield finding(
                "I5", batch.subject, f"未关闭的批次缺少密文文件或文件被改动：{name}", f"lost or altered: {name}"
            )


def sealed_only(node: Node, found: Evidence) -> Iterator[Finding]:
    """I7: the spool holds sealed bytes only: whole batches, and parts of those that are being written."""
    known = {name_of(batch.route_id, batch.seq, "").partition(".")[0]: batch for batch in found.batches.values()}
    for path in node.spool.files():
        batch = known.get(path.name.partition(".")[0])
        with disk.faults(path.parent), path.open("rb") as file:
            front = file.read(len(MAGIC))
        if batch is None or not _is_in_place(batch, path.suffix, front):
            zh = f"批次文件夹里有不该在的文件：{path.name}"
            yield finding("I7", path.name, zh, "neither a sealed batch nor a part being written")


def _is_in_place(batch: Batch, suffix: str, front: bytes) -> bool:
    if suffix == ".batch":
        return front == MAGIC
    is_writing = bool({batch.state, batch.held_from} & _WRITING)
    # What a consumer is fetching is not verified yet: it may be anything.
    return suffix == ".part" and is_writing and (batch.role == "consumer" or MAGIC.startswith(front))
