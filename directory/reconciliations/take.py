"""Take reconciliations from a node: of its own routes, signed by both ends, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access.queries import ends_of
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.models import Node
from directory.nodes.queries import signer
from directory.reconciliations.models import ReconciliationRow
from metadata.reconciliation import KIND, Reconciliation
from metadata.signed import Signed

_CLOCK_SKEW = timedelta(minutes=5)


def take(session: Session, caller: Node, statements: Sequence[Signed], now: datetime) -> int:
    """Keep the results, all or none; how many were new.

    Raises ``MetadataError SIGNATURE_BAD``, ``ROUTE_UNKNOWN``, ``NOT_AN_END`` and ``RECONCILIATION_BAD``.
    """
    return sum(_take(session, caller, statement, now) for statement in statements)


def _take(session: Session, caller: Node, statement: Signed, now: datetime) -> bool:
    claimed = Reconciliation.from_bytes(statement.payload_bytes())  # to learn whose keys must hold
    if claimed.at.tzinfo is None or claimed.at > now + _CLOCK_SKEW:
        raise DirectoryError(
            "RECONCILIATION_BAD", reason="时间不在现在以前", reason_en="its time has no zone or lies ahead"
        )
    ends = ends_of(session, claimed.route_id)
    if caller.node_id not in (ends.provider_node, ends.consumer_node):
        raise DirectoryError("NOT_AN_END", node_id=caller.node_id, route_id=claimed.route_id)
    if (claimed.provider_node_id, claimed.consumer_node_id) != (ends.provider_node, ends.consumer_node):
        raise DirectoryError(
            "RECONCILIATION_BAD", reason="不是该路由的两端", reason_en="it names other ends than the route has"
        )
    for node_id in (ends.provider_node, ends.consumer_node):
        speaker = signer(session, node_id)
        if speaker is None:
            raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
        keys = {item.key_id: speaker.witness(item.key_id, claimed.at) for item in statement.signatures}
        found = statement.open(KIND, Reconciliation, keys.get)
    inserted = session.execute(
        insert(ReconciliationRow)
        .values(
            session_id=found.session_id,
            route_id=found.route_id,
            seq=found.seq,
            body=statement.to_bytes(),
            brought_by=caller.node_id,
            said_at=found.at,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ReconciliationRow.seq)
    ).one_or_none()
    if inserted is None:
        return False
    record(
        session,
        caller.node_id,
        "reconciliation:take",
        f"{found.route_id}/{found.seq}",
        details={
            "session": found.session_id,
            "outcome": found.outcome,
            "missing": found.missing,
            "extra": found.extra,
            "different": found.different,
            "pending": found.pending,
        },
    )
    return True
