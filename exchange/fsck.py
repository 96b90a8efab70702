"""Invariants of one node, checked over its ledger, its target, its spool, its receipts and audit queues. Reads only.

Numbers are those of ``docs/ledger.md``: I1 to I8, I10 to I16. I9 is the relay's (``relay/fsck.py``).
"""

from collections.abc import Callable, Iterator

from exchange.files import fsck as files
from exchange.invariants import batches, disk, records, target
from exchange.invariants.evidence import Evidence, gather
from exchange.node import Node
from standards.findings import Finding

CHECKS: tuple[Callable[[Node, Evidence], Iterator[Finding]], ...] = (
    batches.applied_once,
    target.filled,
    batches.contiguous,
    batches.answered,
    disk.kept,
    batches.acknowledged,
    disk.sealed_only,
    batches.staging_has_owner,
    records.recorded,
    records.witnessed,
    target.unlocked,
    batches.epochs_grow,
    batches.explained,
    batches.together,
    target.undone,
)


def fsck(node: Node) -> list[Finding]:
    """What is broken; an empty list when all holds. A finding names the invariant, the batch and what is wrong."""
    found = gather(node)
    return [finding for check in CHECKS for finding in check(node, found)] + list(files.findings(node))
