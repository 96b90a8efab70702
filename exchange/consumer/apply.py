"""The consumer's last steps: apply in one transaction of the target, then deliver the receipts."""

from exchange import audit, department, ledger, receipts
from exchange.audit import Details
from exchange.consumer import load, marks, merge, staging, target
from exchange.consumer.receive import announced
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.node import Node


def apply(node: Node, batch: Batch) -> Batch:
    """checked -> applied: rows, mark and audit entry in one transaction of the target; then the ledger follows.

    Under the locked head: lease, order, and a look whether the batch has taken effect already (an earlier commit
    whose answer was lost). The grant and keys are checked against the newest feed before and once more right before
    the commit.
    """
    if batch.state != "checked":
        raise ExchangeError("MOVE_ILLEGAL", state=batch.state, to="applied")
    announced(node, node.trust(), batch)
    node.failpoints.reach("apply.begun")
    changed_rows = _take_effect(node, batch)
    if changed_rows is None:
        return load.load_again(node, batch)
    return follow(node, batch, changed_rows)


def follow(node: Node, batch: Batch, changed_rows: int) -> Batch:
    """The ledger after the target: what has taken effect there is applied, and receipted, here."""
    node.failpoints.reach("apply.before_commit")
    with node.engine.begin() as connection:
        details: Details = {"changed_rows": changed_rows}
        entry = node.entry("batch:follow", batch.subject, details=details)
        moved = ledger.move(connection, batch, "applied", entry, node.now(), changed_rows=changed_rows)
        receipts.issue(connection, node, moved, "applied")
        return moved


def reply(node: Node, batch: Batch) -> Batch:
    """applied -> closed: the relay has our receipts."""
    receipts.deliver(node, batch.route_id, batch.seq)
    node.failpoints.reach("reply.before_commit")
    with node.engine.begin() as connection:
        closed = ledger.move(connection, batch, "closed", node.entry("batch:reply", batch.subject), node.now())
        earlier = ledger.before(connection, batch)
    if earlier is not None and earlier.state == "closed":  # the newest closed one is kept, those before it are not
        node.spool.forget(earlier.route_id, earlier.seq)
    return closed


def _take_effect(node: Node, batch: Batch) -> int | None:
    """The transaction: how many rows it deleted, updated or inserted; None when the staging table is gone."""
    with department.connect(node.settings.department_url, "target", "hutong.route_head") as connection:
        with connection.cursor() as cursor:
            head = marks.fence(cursor, batch.route_id, batch.lease_epoch)
            known = marks.applied(cursor, batch.route_id, batch.seq)
            if known is not None:
                digest, changed = known
                if digest != batch.digest:
                    raise ExchangeError("REPLAYED", seq=batch.seq, found=batch.seq)
                return changed
            marks.require_next(head, batch.seq, batch.replaces_seq)
            if not staging.exists(cursor, batch):
                return None
            _, grant = announced(node, node.feed.load(), batch)
            if batch.kind != "full":
                merge.require_base(cursor, batch, grant, head)
            if target.adopt(cursor, batch, grant):
                changed = batch.rows or 0
            else:
                target.prepare(cursor, batch, grant)
                changed = merge.merge(cursor, batch, grant)
            merge.require_rows(cursor, batch, grant)
            marks.mark(cursor, batch, changed)
            details: Details = {"rows": batch.rows, "changed_rows": changed, "digest": batch.digest}
            producer = f"target:{node.node_id}"
            audit.enqueue_target(cursor, node.entry("batch:apply", batch.subject, producer=producer, details=details))
            staging.drop(cursor, batch)
            announced(node, node.trust(), batch)  # revoked or stale by now: nothing of this takes effect
        node.failpoints.reach("apply.merged")
        connection.commit()
    return changed
