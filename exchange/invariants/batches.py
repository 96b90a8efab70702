"""Batches, their answers, leases, staging tables and instants: I1, I3, I4, I6, I8, I13 to I15."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from exchange import receipts
from exchange.consumer import staging
from exchange.errors import ExchangeError
from exchange.invariants.evidence import Evidence, Kept, finding
from exchange.keys.trust import TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from metadata.signed import Signed
from standards.findings import Finding

IN_FLIGHT = timedelta(hours=24)


def applied_once(_: Node, found: Evidence) -> Iterator[Finding]:
    """I1: the ledger's applied batches are the target's, with the same digest, and no others are there."""
    restored = _restored(found)
    for place, batch in found.batches.items():
        is_done = batch.role == "consumer" and (batch.held_from or batch.state) in ("applied", "closed")
        digest = found.applied.get(place)
        is_lost = digest is None and batch.seq < restored.get(batch.route_id, 0)
        if is_done and digest != batch.digest and not is_lost:
            yield finding("I1", batch.subject, "台账记为已装入，目标库的登记缺失或不同", "applied by the ledger only")
        if not is_done and digest is not None and batch.state != "checked" and batch.held_from != "checked":
            yield finding("I1", batch.subject, "目标库已装入，台账未记", "applied in the target only")
    for route_id, seq in found.applied.keys() - found.batches.keys():
        yield finding("I1", f"{route_id}/{seq}", "目标库已装入，台账没有这一批", "applied, but not in the ledger")


def contiguous(_: Node, found: Evidence) -> Iterator[Finding]:
    """I3: what a route has applied has no gap, except batches given up; its head is the last of them."""
    routes: defaultdict[str, set[int]] = defaultdict(set)
    restored = _restored(found)
    for route_id, seq in found.applied:
        routes[route_id].add(seq)
    for route_id, seqs in routes.items():
        for seq in set(range(1, max(seqs))) - seqs:
            batch = found.batches.get((route_id, seq))
            if batch is not None and batch.state != "quarantined" and seq >= restored.get(route_id, 0):
                yield finding("I3", f"{route_id}/{seq}", "后一批已装入而这一批没有", "a later batch is applied")
        if found.heads.get(route_id, (0, 0))[0] != max(seqs):
            yield finding("I3", route_id, "目标库的路由序号与已装入的批次不符", "the head is not the last applied")


def _restored(found: Evidence) -> Mapping[str, int]:
    """Routes whose target was seen to be restored from a backup, and the batch refused for it: earlier marks are lost,
    and a full batch has taken their place.
    """
    seen: dict[str, int] = {}
    for (route_id, seq), batch in found.batches.items():
        if batch.role == "consumer" and batch.state == "quarantined" and batch.code == "TARGET_BEHIND":
            seen[route_id] = max(seq, seen.get(route_id, 0))
    return seen


def answered(node: Node, found: Evidence) -> Iterator[Finding]:
    """I4: what is shown as sent is answered, or was sent a short while ago."""
    for batch in found.batches.values():
        if batch.role == "provider" and batch.state == "stored" and node.now() - batch.updated_at > IN_FLIGHT:
            yield finding("I4", batch.subject, "送出超过 24 小时仍无回执", "sent over 24 hours ago, no receipt")


def acknowledged(node: Node, found: Evidence) -> Iterator[Finding]:
    """I6: a closed batch has a receipt ``applied`` that holds."""
    trust = node.feed.load()
    for place, batch in found.batches.items():
        if batch.state == "closed" and not _has_receipt(trust, batch, found.receipts.get(place, {})):
            yield finding("I6", batch.subject, "已关闭的批次没有有效的 applied 回执", "closed without a valid receipt")


def _has_receipt(trust: TrustSet, batch: Batch, kept: Mapping[str, Kept]) -> bool:
    found = kept.get("applied")
    if found is None or batch.grant_id not in trust.grants:
        return False
    try:
        receipts.read_consumers(trust, batch, Signed.from_bytes(found.body), found.contents)
    except ExchangeError:
        return False
    return True


def staging_has_owner(_: Node, found: Evidence) -> Iterator[Finding]:
    """I8: every staging table belongs to a batch that is being received."""
    owned = {
        staging.name_of(batch.route_id, batch.seq)
        for batch in found.batches.values()
        if {batch.state, batch.held_from} & {"verified", "staged", "checked"}
    }
    for name in sorted(name for name in found.staged if staging.owner_of(name) not in owned):
        yield finding("I8", f"{staging.SCHEMA}.{name}", "暂存表没有对应的在途批次", "no batch under way owns it")


def epochs_grow(_: Node, found: Evidence) -> Iterator[Finding]:
    """I13: no lease is from the future: the node's sequence is ahead of every epoch ever given out."""
    for batch in found.batches.values():
        if batch.lease_epoch > found.newest_epoch:
            yield finding("I13", batch.subject, "批次的租约号大于已发出的最大号", "a lease from the future")
    for route_id, (_seq, epoch) in found.heads.items():
        if epoch > found.newest_epoch:
            yield finding("I13", route_id, "目标库见过更新的租约：节点库由旧备份恢复", "the node's ledger was restored")


def explained(_: Node, found: Evidence) -> Iterator[Finding]:
    """I14: what stopped for a person says why and what to do; what was quarantined also which bytes it is about."""
    for place, batch in found.batches.items():
        if batch.state not in ("held", "quarantined"):
            continue
        if not (batch.code and batch.explanation_zh and batch.next_step):
            yield finding("I14", batch.subject, "停下的批次缺少原因代码、说明或下一步", "stopped without a reason")
        said = found.receipts.get(place, {})
        if batch.state == "quarantined" and not (batch.digest or "refused" in said):
            yield finding("I14", batch.subject, "隔离的批次没有证据摘要", "quarantined without evidence")


def together(_: Node, found: Evidence) -> Iterator[Finding]:
    """I15: of the batches of one instant all are sealed or none, and all are in the target or none."""
    for places in found.instants:
        batches = [found.batches[place] for place in places if place in found.batches]
        provided = [batch for batch in batches if batch.role == "provider"]
        if len({batch.digest == "" for batch in provided}) > 1:
            yield finding("I15", provided[0].subject, "同一时点的各批只封装了一部分", "an instant is sealed in part")
        is_received = any(batch.role == "consumer" for batch in batches)
        missing = [place for place in places if place not in found.applied]
        if is_received and missing and len(missing) < len(places):
            subject = "{}/{}".format(*missing[0])
            yield finding("I15", subject, "同一时点的其他批已装入，这一批没有", "an instant is applied in part")
