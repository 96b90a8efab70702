"""What a comparison has found: the record that both ends sign, and what is told of it in counts."""

from exchange.audit import Details
from exchange.node import Node
from exchange.reconcile import tree
from exchange.reconcile.classify import Difference
from exchange.reconcile.messages import Message
from exchange.reconcile.sessions import Session
from exchange.reconcile.work import Secret, Work
from metadata.reconciliation import DifferenceKind, Reconciliation, outcome_of
from metadata.signed import Signed


def facts(result: Signed) -> Details:
    """What the audit log is told: outcome and counts."""
    said = Reconciliation.from_bytes(result.payload_bytes())
    return {
        "session": said.session_id,
        "outcome": said.outcome,
        "missing": said.missing,
        "extra": said.extra,
        "different": said.different,
        "pending": said.pending,
    }


def result_of(
    node: Node, session: Session, secret: Secret, work: Work, message: Message, found: list[Difference]
) -> Reconciliation:
    """By the provider, who judges: totals, differences by kind, and how much was examined."""
    counts: dict[DifferenceKind, int] = {"missing": 0, "extra": 0, "different": 0, "pending": 0}
    for item in found:
        counts[item.kind] += item.rows
    own = tree.root(work.unpacked())
    digests_of = tree.digest_of(secret.key, own), tree.digest_of(secret.key, work.other_root)
    return Reconciliation(
        session_id=session.session_id,
        route_id=session.route_id,
        grant_id=session.grant_id,
        seq=session.seq,
        provider_node_id=node.node_id,
        consumer_node_id=message.from_node_id,
        provider_rows=own[0],
        consumer_rows=work.other_root[0],
        provider_digest=digests_of[0],
        consumer_digest=digests_of[1],
        provider_looked_at=work.looked_at,
        consumer_looked_at=work.other_looked_at or work.looked_at,
        batches=work.batches,
        chain_digest=work.chain_digest,
        relay_by_provider=work.relay,
        relay_by_consumer=work.other_relay,
        outcome=outcome_of(
            is_equal=digests_of[0] == digests_of[1],
            differences=counts["missing"] + counts["extra"] + counts["different"],
            is_examined=len(work.examined) >= work.differing,
        ),
        missing=counts["missing"],
        extra=counts["extra"],
        different=counts["different"],
        pending=counts["pending"],
        segments_differing=work.differing,
        segments_examined=len(work.examined),
        knows_changes=work.knows_changes,
        at=node.now(),
    )
