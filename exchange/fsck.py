"""Invariants of one node, checked over its ledger, its target's marks, its spool and its receipts. Reads only.

Numbers are those of ``research/reliability.md`` §3.5 as the README lists them: I1, I3, I4, I5, I6, I8, I13.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, text

from exchange import department, ledger, receipts, staging
from exchange.errors import ExchangeError
from exchange.files import fsck as files
from exchange.ledger import Batch
from exchange.node import Node
from exchange.spool import digest_of, name_of
from exchange.store import RECEIPT
from exchange.trust import TrustSet
from metadata.signed import Signed
from standards.findings import Finding

IN_FLIGHT = timedelta(hours=24)

_WITH_FILE = frozenset({"sealed", "fetched", "verified", "staged", "checked", "applied"})


@dataclass(frozen=True)
class Evidence:
    """Everything that is looked at, read once."""

    batches: Mapping[tuple[str, int], Batch]
    applied: Mapping[tuple[str, int], str]
    heads: Mapping[str, tuple[int, int]]
    staged: frozenset[str]
    receipts: Mapping[tuple[str, int], Mapping[str, Signed]]
    newest_epoch: int


def fsck(node: Node) -> list[Finding]:
    """What is broken; an empty list when all holds. A finding names the invariant, the batch and what is wrong."""
    found = _gather(node)
    checks: tuple[Callable[[Node, Evidence], Iterator[Finding]], ...] = (
        _applied_once,
        _contiguous,
        _answered,
        _kept,
        _acknowledged,
        _staging_has_owner,
        _epochs_grow,
    )
    return [finding for check in checks for finding in check(node, found)] + list(files.findings(node))


def _gather(node: Node) -> Evidence:
    with node.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        batches = {(batch.route_id, batch.seq): batch for batch in ledger.batches(connection)}
        signed: defaultdict[tuple[str, int], dict[str, Signed]] = defaultdict(dict)
        for row in connection.execute(select(RECEIPT)):
            signed[row.route_id, row.seq][row.kind] = Signed.from_bytes(bytes(row.body))
        newest = int(connection.scalar(text("SELECT last_value FROM lease_epoch")) or 0)
    with (
        department.connect(node.settings.department_url, "target", "hutong") as target,
        target.cursor() as cursor,
    ):
        cursor.execute("SELECT route_id, seq, digest FROM hutong.applied_batch")
        applied = {(route_id, seq): digest for route_id, seq, digest in cursor.fetchall()}
        cursor.execute("SELECT route_id, seq, lease_epoch FROM hutong.route_head")
        heads = {route_id: (seq, epoch) for route_id, seq, epoch in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (staging.SCHEMA,))
        staged = frozenset(name for (name,) in cursor.fetchall())
    return Evidence(batches, applied, heads, staged, signed, newest)


def _applied_once(_: Node, found: Evidence) -> Iterator[Finding]:
    """I1: the ledger's applied batches are the target's, with the same digest, and no others are there."""
    for place, batch in found.batches.items():
        is_done = batch.role == "consumer" and batch.state in ("applied", "closed")
        digest = found.applied.get(place)
        if is_done and digest != batch.digest:
            yield _finding("I1", batch.subject, "台账记为已装入，目标库的登记缺失或不同", "applied by the ledger only")
        if not is_done and digest is not None and batch.state != "checked" and batch.held_from != "checked":
            yield _finding("I1", batch.subject, "目标库已装入，台账未记", "applied in the target only")
    for route_id, seq in found.applied.keys() - found.batches.keys():
        yield _finding("I1", f"{route_id}/{seq}", "目标库已装入，台账没有这一批", "applied, but not in the ledger")


def _contiguous(_: Node, found: Evidence) -> Iterator[Finding]:
    """I3: what a route has applied has no gap, except batches given up; its head is the last of them."""
    routes: defaultdict[str, set[int]] = defaultdict(set)
    for route_id, seq in found.applied:
        routes[route_id].add(seq)
    for route_id, seqs in routes.items():
        for seq in set(range(1, max(seqs))) - seqs:
            batch = found.batches.get((route_id, seq))
            if batch is not None and batch.state != "quarantined":
                yield _finding("I3", f"{route_id}/{seq}", "后一批已装入而这一批没有", "a later batch is applied")
        if found.heads.get(route_id, (0, 0))[0] != max(seqs):
            yield _finding("I3", route_id, "目标库的路由序号与已装入的批次不符", "the head is not the last applied")


def _answered(node: Node, found: Evidence) -> Iterator[Finding]:
    """I4: what is shown as sent is answered, or was sent a short while ago."""
    for batch in found.batches.values():
        if batch.role == "provider" and batch.state == "stored" and node.now() - batch.updated_at > IN_FLIGHT:
            yield _finding("I4", batch.subject, "送出超过 24 小时仍无回执", "sent over 24 hours ago, no receipt")


def _kept(node: Node, found: Evidence) -> Iterator[Finding]:
    """I5: a batch that is not closed still has its ciphertext, unaltered."""
    for batch in found.batches.values():
        is_sent = batch.role == "provider" and batch.state in ("stored", "quarantined")
        if not (batch.state in _WITH_FILE or is_sent or batch.held_from in _WITH_FILE):
            continue
        try:
            with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
                is_whole = digest_of(file, (batch.size_bytes or 0) + 1) == batch.digest
        except ExchangeError:
            is_whole = False
        if not is_whole:
            name = name_of(batch.route_id, batch.seq, batch.digest)
            yield _finding(
                "I5", batch.subject, f"未关闭的批次缺少密文文件或文件被改动：{name}", f"lost or altered: {name}"
            )


def _acknowledged(node: Node, found: Evidence) -> Iterator[Finding]:
    """I6: a closed batch has a receipt ``applied`` that holds."""
    trust = node.feed.load()
    for place, batch in found.batches.items():
        if batch.state == "closed" and not _has_receipt(node, trust, batch, found.receipts.get(place, {})):
            yield _finding("I6", batch.subject, "已关闭的批次没有有效的 applied 回执", "closed without a valid receipt")


def _has_receipt(node: Node, trust: TrustSet, batch: Batch, kept: Mapping[str, Signed]) -> bool:
    signed = kept.get("applied")
    if signed is None or batch.grant_id not in trust.grants:
        return False
    try:
        receipts.open_consumers(trust, batch, signed)
    except ExchangeError:
        return False
    return True


def _staging_has_owner(_: Node, found: Evidence) -> Iterator[Finding]:
    """I8: every staging table belongs to a batch that is being received."""
    owned = {
        staging.name_of(batch.route_id, batch.seq)
        for batch in found.batches.values()
        if {batch.state, batch.held_from} & {"verified", "staged", "checked"}
    }
    for name in sorted(found.staged - owned):
        yield _finding("I8", f"{staging.SCHEMA}.{name}", "暂存表没有对应的在途批次", "no batch under way owns it")


def _epochs_grow(_: Node, found: Evidence) -> Iterator[Finding]:
    """I13: no lease is from the future: the node's sequence is ahead of every epoch ever given out."""
    for batch in found.batches.values():
        if batch.lease_epoch > found.newest_epoch:
            yield _finding("I13", batch.subject, "批次的租约号大于已发出的最大号", "a lease from the future")
    for route_id, (_seq, epoch) in found.heads.items():
        if epoch > found.newest_epoch:
            yield _finding(
                "I13", route_id, "目标库见过更新的租约：节点库由旧备份恢复", "the node's ledger was restored"
            )


def _finding(rule: str, path: str, zh: str, en: str) -> Finding:
    return Finding(path=path, rule=f"fsck.{rule}", severity="error", zh=zh, en=en)
