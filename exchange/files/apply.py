"""The consumer's last steps for files: the target's transaction decides, then the visible name follows."""

from typing import Any

from exchange import audit, department
from exchange.audit import Details
from exchange.consumer import apply as rows
from exchange.consumer import marks, moves
from exchange.consumer.receive import announced
from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.index import Index
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.node import Node
from standards.crypto import digest_hex


def apply(node: Node, batch: Batch) -> Batch:
    """checked -> applied: mark and audit entry in one transaction of the target, then the link, then the ledger.

    Once the mark is committed the batch has taken effect, and whoever comes next shows what the mark says. Until then
    nothing that can be seen has changed.
    """
    if batch.state != "checked":
        raise ExchangeError("MOVE_ILLEGAL", state=batch.state, to="applied")
    announced(node, node.trust(), batch)
    node.failpoints.reach("apply.begun")
    changed = _decide(node, batch)
    if changed is None:
        return moves.load_again(node, batch)
    node.failpoints.reach("apply.decided")
    _show(node, batch)
    return rows.follow(node, batch, changed)


def reply(node: Node, batch: Batch) -> Batch:
    """applied -> closed: the versions before this one go, then as for tables."""
    node.received.forget_before(batch.route_id, batch.seq)
    return rows.reply(node, batch)


def _decide(node: Node, batch: Batch) -> int | None:
    """The transaction: how many files are gone, new or of other content; None when the unpacked version is gone."""
    version = node.received.version(batch.route_id, batch.seq)
    with department.connect(node.settings.department_url, "target", "hutong.received_folder") as connection:
        with connection.cursor() as cursor:
            head = marks.fence(cursor, batch.route_id, batch.lease_epoch)
            known = marks.applied(cursor, batch.route_id, batch.seq)
            if known is not None and known[0] != batch.digest:
                raise ExchangeError("REPLAYED", seq=batch.seq, found=batch.seq)
            if known is None:
                marks.require_next(head, batch.seq, batch.replaces_seq)
            if not version.exists():
                return None
            if known is not None:
                return known[1]
            _, grant = announced(node, node.feed.load(), batch)
            index = version.index()
            shown = node.received.require_free(grant.target_table, batch.route_id)
            changed = indexes.changed(Index(()) if shown is None else shown.index(), index)
            _note(cursor, batch, grant, index, digest_hex(version.index_bytes()))
            marks.mark(cursor, batch, changed)
            details: Details = {"rows": batch.rows, "changed_rows": changed, "digest": batch.digest}
            producer = f"target:{node.node_id}"
            audit.enqueue_target(cursor, node.entry("batch:apply", batch.subject, producer=producer, details=details))
            announced(node, node.trust(), batch)  # revoked or stale by now: nothing of this takes effect
        node.failpoints.reach("apply.merged")
        connection.commit()
    return changed


def _note(cursor: Any, batch: Batch, grant: BoundGrant, index: Index, digest: str) -> None:
    """Which version of which batch the target's name stands for. Raises ``RECEIVED_TAKEN`` for another route's name."""
    cursor.execute(
        "SELECT count(*) FROM hutong.received_folder WHERE target = %s AND route_id <> %s",
        (grant.target_table, batch.route_id),
    )
    if cursor.fetchone()[0]:
        raise ExchangeError("RECEIVED_TAKEN", target=grant.target_table)
    cursor.execute(
        "INSERT INTO hutong.received_folder (route_id, target, seq, files, total_bytes, index_digest)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (route_id) DO UPDATE SET target = excluded.target,"
        " seq = excluded.seq, files = excluded.files, total_bytes = excluded.total_bytes,"
        " index_digest = excluded.index_digest",
        (batch.route_id, grant.target_table, batch.seq, len(index.files), index.total_bytes, digest),
    )


def _show(node: Node, batch: Batch) -> None:
    """Exchange the link under the head's lock, for the sequence that stands there: a worker overtaken since shows
    nothing old.
    """
    with department.connect(node.settings.department_url, "target", "hutong.received_folder") as connection:
        with connection.cursor() as cursor:
            marks.fence(cursor, batch.route_id, batch.lease_epoch)
            cursor.execute("SELECT target, seq FROM hutong.received_folder WHERE route_id = %s", (batch.route_id,))
            target, seq = cursor.fetchone()
            node.received.show(target, batch.route_id, seq)
            node.failpoints.reach("apply.shown")
        connection.commit()
