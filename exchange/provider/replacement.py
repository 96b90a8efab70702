"""A batch that is over without having taken effect is sealed anew under the next sequence, which names it; in full."""

from sqlalchemy import Connection, update

from exchange import audit, ledger
from exchange.keys.trust import CIVIL_TIME, BoundGrant
from exchange.ledger import Batch
from exchange.node import Node
from exchange.plan import BatchRef
from exchange.store import BATCH


def replace(connection: Connection, node: Node, batch: Batch, grant: BoundGrant, actor: str = "") -> BatchRef:
    """Put a quarantined batch's successor into the ledger; ``actor`` is the person who asked, or nobody."""
    now, seq = node.now(), batch.seq + 1
    entry = node.entry("batch:redrive", batch.subject, actor=actor, code=batch.code, details={"replaced_by_seq": seq})
    connection.execute(
        update(BATCH)
        .where(BATCH.c.route_id == batch.route_id, BATCH.c.seq == batch.seq)
        .values(replaced_by_seq=seq, changes=BATCH.c.changes + 1, updated_at=now)
    )
    audit.enqueue(connection, entry)
    subject = f"{batch.route_id}/{seq}"
    ledger.add(
        connection,
        node.entry("batch:plan", subject, actor=actor, details={"replaces_seq": batch.seq}),
        route_id=batch.route_id,
        seq=seq,
        role="provider",
        grant_id=grant.grant_id,
        state="due",
        due_on=now.astimezone(CIVIL_TIME).date(),
        replaces_seq=batch.seq,
        created_at=now,
        updated_at=now,
    )
    return BatchRef(node.node_id, batch.route_id, seq)
