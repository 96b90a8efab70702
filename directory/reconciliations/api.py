"""What nodes call to hand in what they found when they compared; signed by the node (RFC 9421)."""

from datetime import UTC, datetime

from fastapi import APIRouter

from directory.db import DbSession
from directory.declared import open_to_nodes
from directory.nodes.api import Accepted
from directory.nodes.authenticate import NodeCaller
from directory.reconciliations.take import take
from metadata.signed import Signed

router = APIRouter(tags=["nodes"])


@router.post("/nodes/{node_id}/reconciliations")
@open_to_nodes("an end of the route brings what both ends have signed")
def take_reconciliations(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``Signed`` of kind ``reconciliation/1``; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    return Accepted(accepted=take(session, caller.node, caller.records(Signed), datetime.now(UTC)))
