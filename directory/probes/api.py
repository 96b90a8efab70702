"""What nodes call to learn their mounts and to say what they saw; signed by the node (RFC 9421)."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from directory.db import DbSession
from directory.declared import open_to_nodes
from directory.nodes.api import Accepted
from directory.nodes.authenticate import NodeCaller
from directory.probes.queries import mounts_of
from directory.probes.take import take
from metadata.probe import Probe

router = APIRouter(tags=["nodes"])


@router.get("/nodes/{node_id}/mounts", response_class=Response)
@open_to_nodes("a node is told the mounts that lie with it")
def read_mounts(
    node_id: str, session: DbSession, caller: NodeCaller, after: Annotated[UUID | None, Query()] = None
) -> Response:
    """A ``ProbeTaskPage``: the mounts at this node of its own department's entries; go on with ``after=next``."""
    caller.require_is(node_id)
    return Response(mounts_of(session, caller.node, after).to_bytes(), media_type="application/json")


@router.post("/nodes/{node_id}/probes")
@open_to_nodes("a node says what it saw of its own mounts")
def take_probes(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``Probe``; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    return Accepted(accepted=take(session, caller.node, caller.records(Probe), datetime.now(UTC)))
