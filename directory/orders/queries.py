"""Orders with their answers, for the API and the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.queries import names_of
from directory.actions import Action
from directory.actors import Actor
from directory.limits import LIMITS
from directory.nodes.models import Node
from directory.orders.models import WorkOrderRow
from directory.policy import allows
from metadata.orders import PROCEDURES, OrderResult, WorkOrder
from metadata.signed import Signed


@dataclass(frozen=True)
class Line:
    """An order, whose node it is for, who ordered it, and what came of it; ``result`` is None until it is answered."""

    order: WorkOrder
    org_name: str
    issuer_name: str
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
    found: list[tuple[WorkOrderRow, Node]] = []
    for row, node in rows:
        if allows(actor, Action.EXCHANGE_READ, node.org_code):
            found.append((row, node))
        if len(found) == LIMITS.page_count:
            break
    orders = [WorkOrder.from_bytes(Signed.from_bytes(row.body).payload_bytes()) for row, _ in found]
    names = names_of(session, {order.issued_by for order in orders})
    return [_line(row, node, order, names) for (row, node), order in zip(found, orders, strict=True)]


def orderable(session: Session, actor: Actor) -> Sequence[Node]:
    """The nodes this actor may issue orders to, by name."""
    query = select(Node).where(Node.kind == "node", ~Node.is_revoked).order_by(Node.node_id)
    return [node for node in session.scalars(query) if allows(actor, Action.ORDER_ISSUE, node.org_code)]


def _line(row: WorkOrderRow, node: Node, order: WorkOrder, names: Mapping[str, str]) -> Line:
    result = None if row.result is None else OrderResult.from_bytes(Signed.from_bytes(row.result).payload_bytes())
    return Line(order, node.org_name, names.get(order.issued_by, order.issued_by), result, row.answered_at)
