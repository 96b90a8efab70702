"""Everything that the invariants look at, read once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, text

from exchange import audit, department, instants, ledger
from exchange.consumer import last_merge, staging
from exchange.consumer.last_merge import LastMerge
from exchange.instants import Place
from exchange.ledger import Batch
from exchange.node import Node
from exchange.store import AUDIT_OUT, RECEIPT
from standards.findings import Finding


@dataclass(frozen=True)
class Kept:
    """A receipt as signed, and what it says."""

    body: bytes
    contents: bytes


@dataclass(frozen=True)
class Evidence:
    """``actions``, ``target_actions``: what the audit queues say of each subject, on the node and in the target.
    ``instants``: the places of each set of batches that go together. ``images``: the tables of what merges found.
    """

    batches: Mapping[tuple[str, int], Batch]
    applied: Mapping[tuple[str, int], str]
    heads: Mapping[str, tuple[int, int]]
    merges: Mapping[str, LastMerge]
    images: frozenset[str]
    staged: frozenset[str]
    receipts: Mapping[tuple[str, int], Mapping[str, Kept]]
    newest_epoch: int
    actions: Mapping[str, frozenset[str]]
    target_actions: Mapping[str, frozenset[str]]
    instants: tuple[tuple[Place, ...], ...]


def gather(node: Node) -> Evidence:
    """Ledger and receipts in one snapshot, then the target. Raises ``TARGET_DOWN``."""
    with node.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        batches = {(batch.route_id, batch.seq): batch for batch in ledger.batches(connection)}
        signed: defaultdict[tuple[str, int], dict[str, Kept]] = defaultdict(dict)
        for row in connection.execute(select(RECEIPT)):
            signed[row.route_id, row.seq][row.kind] = Kept(bytes(row.body), bytes(row.contents or b""))
        actions = _told(connection.scalars(select(AUDIT_OUT.c.body)))
        sets = instants.every(connection)
        newest = int(connection.scalar(text("SELECT last_value FROM lease_epoch")) or 0)
    with (
        department.connect(node.settings.department_url, "target", "hutong") as target,
        target.cursor() as cursor,
    ):
        cursor.execute("SELECT route_id, seq, digest FROM hutong.applied_batch")
        applied = {(route_id, seq): digest for route_id, seq, digest in cursor.fetchall()}
        cursor.execute("SELECT route_id, seq, lease_epoch FROM hutong.route_head")
        heads = {route_id: (seq, epoch) for route_id, seq, epoch in cursor.fetchall()}
        merges = last_merge.every(cursor)
        images = last_merge.tables(cursor)
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (staging.SCHEMA,))
        staged = frozenset(name for (name,) in cursor.fetchall())
        cursor.execute("SELECT body FROM hutong.audit_out")
        target_actions = _told(body for (body,) in cursor.fetchall())
    return Evidence(batches, applied, heads, merges, images, staged, signed, newest, actions, target_actions, sets)


def _told(bodies: Iterable[bytes]) -> Mapping[str, frozenset[str]]:
    """The actions about each subject."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for body in bodies:
        entry = audit.read(bytes(body))
        told[entry["subject"]].add(entry["action"])
    return {subject: frozenset(actions) for subject, actions in told.items()}


def finding(rule: str, path: str, zh: str, en: str) -> Finding:
    """``rule`` is the invariant's number."""
    return Finding(path=path, rule=f"fsck.{rule}", severity="error", zh=zh, en=en)
