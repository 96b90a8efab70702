"""The consumer's last steps: apply in one transaction of the target, then deliver the receipts."""

from collections.abc import Sequence
from typing import Any

from exchange import audit, department, instants, ledger, receipts
from exchange.audit import Details
from exchange.consumer import last_merge, marks, merge, moves, shift, staging, target, together
from exchange.consumer.merge import Changed
from exchange.consumer.receive import announced
from exchange.errors import ExchangeError
from exchange.instants import blaming
from exchange.ledger import Batch
from exchange.node import Node


def apply(node: Node, batches: Sequence[Batch]) -> tuple[Batch, ...]:
    """checked -> applied: rows, mark and audit entry in one transaction of the target; then the ledger follows.

    Of all members of an instant, or of one batch that is of none; what keeps one back keeps back all, and is raised as
    ``MemberError``.

    Under the locked heads: lease, order, and a look whether the batch has taken effect already (an earlier commit
    whose answer was lost). The grant and keys are checked against the newest feed before and once more right before
    the commit. Batches whose staging table is gone are loaded again.
    """
    for batch in batches:
        with blaming(batch):
            if batch.state != "checked":
                raise ExchangeError("MOVE_ILLEGAL", state=batch.state, to="applied")
            instants.require_whole(node, batches)
            together.require_announced(batches, announced(node, node.trust(), batch)[0])
    node.failpoints.reach("apply.begun")
    changed_rows = _take_effect(node, batches)
    gone = [batch for batch, changed in zip(batches, changed_rows, strict=True) if changed is None]
    if gone:
        return tuple(moves.load_again(node, batch) if batch in gone else batch for batch in batches)
    return follow_all(node, batches, [changed or 0 for changed in changed_rows])


def follow(node: Node, batch: Batch, changed_rows: int) -> Batch:
    """The same for one batch."""
    return follow_all(node, [batch], [changed_rows])[0]


def follow_all(node: Node, batches: Sequence[Batch], changed_rows: Sequence[int]) -> tuple[Batch, ...]:
    """The ledger after the target: what has taken effect there is applied, and receipted, here."""
    node.failpoints.reach("apply.before_commit")
    moved = []
    with node.engine.begin() as connection:
        for batch, changed in zip(batches, changed_rows, strict=True):
            entry = node.entry("batch:follow", batch.subject, details={"changed_rows": changed})
            moved.append(ledger.move(connection, batch, "applied", entry, node.now(), changed_rows=changed))
            receipts.issue(connection, node, moved[-1], "applied")
    return tuple(moved)


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


def _take_effect(node: Node, batches: Sequence[Batch]) -> list[int | None]:
    """The transaction: how many rows of each it deleted, updated or inserted; None where the staging table is gone,
    and then it is none of them.
    """
    with department.connect(node.settings.department_url, "target", "hutong.route_head") as connection:
        with connection.cursor() as cursor:
            heads, done = {}, {}
            for batch in batches:
                with blaming(batch), department.faults("target", "hutong.route_head"):
                    heads[batch.subject] = marks.fence(cursor, batch.route_id, batch.lease_epoch)
                    done[batch.subject] = _known(cursor, batch)
            due = [batch for batch in batches if done[batch.subject] is None]
            if not due:
                return [done[batch.subject] for batch in batches]
            gone = {batch.subject for batch in due if not staging.exists(cursor, batch)}
            if gone:
                return [None if batch.subject in gone else 0 for batch in batches]
            parts = []
            for batch in due:
                with blaming(batch), department.faults("target", batch.subject):
                    marks.require_next(heads[batch.subject], batch.seq, batch.replaces_seq)
                    last_merge.require_going(cursor, batch.route_id)
                    _, grant = announced(node, node.feed.load(), batch)
                    if batch.kind != "full":
                        merge.require_base(cursor, batch, grant, heads[batch.subject])
                    parts.append(together.Part(batch, grant))
            if _grow(cursor, parts):  # by itself, for readers wait as long as such a change is not committed
                connection.commit()
                return _take_effect(node, batches)
            department.give_memory(cursor)
            changed = together.become(node, cursor, parts)
            for part in parts:
                with blaming(part.batch), department.faults("target", part.grant.target_table):
                    _mark(node, cursor, part, changed[part.batch.subject])
                done[part.batch.subject] = changed[part.batch.subject].rows
            for batch in due:  # revoked or stale by now: nothing of this takes effect
                with blaming(batch):
                    announced(node, node.trust(), batch)
        node.failpoints.reach("apply.merged")
        connection.commit()
    return [done[batch.subject] for batch in batches]


def _grow(cursor: Any, parts: Sequence[together.Part]) -> bool:
    """Whether any of the tables got columns that its grant newly has."""
    grown = []
    for part in parts:
        with blaming(part.batch), department.faults("target", part.grant.target_table):
            grown.append(target.grow(cursor, *part))
    return any(grown)


def _known(cursor: Any, batch: Batch) -> int | None:
    """How many rows it has changed, if it has taken effect already. Raises ``REPLAYED`` for another in its place."""
    known = marks.applied(cursor, batch.route_id, batch.seq)
    if known is None:
        return None
    digest, changed = known
    if digest != batch.digest:
        raise ExchangeError("REPLAYED", seq=batch.seq, found=batch.seq)
    return changed


def _mark(node: Node, cursor: Any, part: together.Part, changed: Changed) -> None:
    batch, grant = part
    found = merge.require_rows(cursor, batch, grant)
    shift.require_allowed(node, cursor, batch, grant, found, changed)
    last_merge.note(cursor, batch, found, is_first=changed.is_first, is_kept=changed.is_kept)
    marks.mark(cursor, batch, changed.rows)
    details: Details = {"rows": batch.rows, "changed_rows": changed.rows, "digest": batch.digest}
    producer = f"target:{node.node_id}"
    audit.enqueue_target(cursor, node.entry("batch:apply", batch.subject, producer=producer, details=details))
    staging.drop(cursor, batch)
