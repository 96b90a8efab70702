"""Fidelity certificates by API: nodes bring them, signed (RFC 9421); those who see the route read them as they came."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by, open_to_nodes
from directory.fidelity.queries import certificates_of
from directory.fidelity.take import take
from directory.nodes.api import Accepted
from directory.nodes.authenticate import NodeCaller
from directory.resources.queries import find
from metadata.signed import Signed

router = APIRouter(tags=["nodes"])


@router.post("/nodes/{node_id}/certificates")
@open_to_nodes("a route's provider certifies what arrived")
def take_certificates(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``Signed`` of kind ``fidelity/1``; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    return Accepted(accepted=take(session, caller.signer, caller.records(Signed), datetime.now(UTC)))


@router.get("/resources/{ref}/certificates")
@governed_by(Action.RESOURCE_READ)
def browse_certificates(
    ref: Annotated[str, Path(max_length=100)], session: DbSession, actor: CurrentActor
) -> Sequence[Signed]:
    """The entry's certificates, signed, on the routes whose exchange the actor may see; the newest first."""
    return [each.signed for each in certificates_of(session, actor, find(session, actor, ref).identifier)]
