"""Orders with their answers, for the API and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.limits import LIMITS
from directory.nodes.models import Node
from directory.orders.models import WorkOrderRow
from directory.policy import Allowed, may
from metadata.orders import PROCEDURES, OrderResult, WorkOrder
from metadata.signed import Signed


@dataclass(frozen=True)
class Line:
    """An order, whose node it is for, and what came of it; ``result`` is None while nobody has answered."""

    order: WorkOrder
    org_name: str
    result: OrderResult | None
    answered_at: datetime | None

    @property
    def procedure(self) -> str:
        known = PROCEDURES.get(self.order.action)
        return self.order.action if known is None else known.zh


def newest(session: Session, actor: Actor, node_id: str = "") -> list[Line]:
    """The newest orders to the nodes whose exchange the actor may see, at most a page; of one node when named."""
    query = select(WorkOrderRow, Node).join(Node, Node.node_id == WorkOrderRow.node_id)
    if node_id:
        query = query.where(WorkOrderRow.node_id == node_id)
    rows = session.execute(query.order_by(WorkOrderRow.issued_at.desc(), WorkOrderRow.order_id))
    found = []
    for row, node in rows:
        if isinstance(may(actor, Action.EXCHANGE_READ, node.org_code), Allowed):
            found.append(_line(row, node))
        if len(found) == LIMITS.page_count:
            break
    return found


def orderable(session: Session, actor: Actor) -> Sequence[Node]:
    """The nodes this actor may issue orders to, by name."""
    query = select(Node).where(Node.kind == "node", ~Node.is_revoked).order_by(Node.node_id)
    return [
        node for node in session.scalars(query) if isinstance(may(actor, Action.ORDER_ISSUE, node.org_code), Allowed)
    ]


def _line(row: WorkOrderRow, node: Node) -> Line:
    result = None if row.result is None else OrderResult.from_bytes(Signed.from_bytes(row.result).payload_bytes())
    order = WorkOrder.from_bytes(Signed.from_bytes(row.body).payload_bytes())
    return Line(order, node.org_name, result, row.answered_at)
