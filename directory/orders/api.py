"""Work orders by API: the office issues and looks; nodes answer, signed (RFC 9421)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by, open_to_nodes
from directory.nodes.api import Accepted
from directory.nodes.authenticate import NodeCaller
from directory.orders.issue import issue, take_results
from directory.orders.queries import newest
from directory.signing import DirectoryKey
from metadata.orders import Argument, OrderResult, WorkOrder
from metadata.signed import Signed

router = APIRouter(tags=["nodes"])


class NewOrder(BaseModel):
    """One of the procedures of ``metadata.orders.PROCEDURES`` with its arguments, to be begun within so many hours."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    arguments: Annotated[dict[str, Argument], Field(max_length=20)] = {}
    valid_hours: Annotated[StrictInt, Field(ge=1, le=168)] = 24


class OrderLine(BaseModel):
    """An order and what came of it."""

    order: WorkOrder
    result: OrderResult | None
    answered_at: datetime | None


@router.post("/nodes/{node_id}/orders", status_code=201)
@governed_by(Action.ORDER_ISSUE)
def issue_order(node_id: str, body: NewOrder, session: DbSession, actor: CurrentActor, key: DirectoryKey) -> WorkOrder:
    """Issue a work order to a node; it takes it from the feed at its next turn, at most once."""
    valid_for = timedelta(hours=body.valid_hours)
    return issue(session, actor, key, node_id, body.action, body.arguments, valid_for, datetime.now(UTC))


@router.get("/nodes/{node_id}/orders")
@governed_by(Action.EXCHANGE_READ)
def browse_orders(node_id: str, session: DbSession, actor: CurrentActor) -> Sequence[OrderLine]:
    """The newest orders to a node with their results, newest first; none to a node the actor may not see."""
    return [
        OrderLine(order=line.order, result=line.result, answered_at=line.answered_at)
        for line in newest(session, actor, node_id)
    ]


@router.post("/nodes/{node_id}/order-results")
@open_to_nodes("a node answers the orders it was given")
def take_order_results(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``Signed`` of kind ``order_result/1``; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    return Accepted(accepted=take_results(session, caller.signer, caller.records(Signed), datetime.now(UTC)))
