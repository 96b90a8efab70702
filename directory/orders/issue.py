"""Issue a work order, and take what its node answers."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.feed import append
from directory.nodes.models import Node
from directory.nodes.queries import Signer
from directory.orders.models import WorkOrderRow
from directory.policy import require
from metadata.errors import MetadataError
from metadata.feed import notice_of_order
from metadata.orders import ARGUMENTS, PROCEDURES, Argument, OrderResult, WorkOrder, misfit
from metadata.signed import Signed
from standards.crypto import SigningKey


def issue(
    session: Session,
    actor: Actor,
    key: SigningKey,
    node_id: str,
    action: str,
    arguments: Mapping[str, Argument],
    valid_for: timedelta,
    now: datetime,
) -> WorkOrder:
    """Sign an order and put it into the feed, from which only its node takes it.

    It sets one of the node's own procedures going; what that may send is still decided by countersigned grants. Raises
    ``NODE_NOT_FOUND``, ``FORBIDDEN``, ``NODE_REVOKED``, ``ORDER_TO_RELAY``, ``ORDER_PROCEDURE_UNKNOWN``,
    ``ORDER_ARGUMENT_BAD``.
    """
    node = session.get(Node, node_id)
    if node is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
    require(actor, Action.ORDER_ISSUE, node.org_code)
    if node.is_revoked:
        raise DirectoryError("NODE_REVOKED", node_id=node_id)
    if node.kind != "node":
        raise DirectoryError("ORDER_TO_RELAY", node_id=node_id)
    if action not in PROCEDURES:
        raise DirectoryError("ORDER_PROCEDURE_UNKNOWN", action=action)
    if name := misfit(action, arguments):
        raise DirectoryError("ORDER_ARGUMENT_BAD", name=f"“{ARGUMENTS.get(name, name)}”（{name}）", name_en=name)
    order = WorkOrder(
        order_id=f"o-{secrets.token_hex(16)}",
        node_id=node_id,
        action=action,
        arguments=dict(arguments),
        issued_by=actor.username,
        issued_at=now,
        expires_at=now + valid_for,
    )
    signed = Signed.sign("work_order/1", order, key)
    session.add(
        WorkOrderRow(
            order_id=order.order_id,
            node_id=node_id,
            action=action,
            body=signed.to_bytes(),
            issued_at=now,
            expires_at=order.expires_at,
        )
    )
    append(session, "work_order", notice_of_order(signed, order, key), now, whole=signed)
    record(session, actor, "order:issue", order.order_id, details={"node_id": node_id, "action": action}, at=now)
    return order


def take_results(session: Session, node: Signer, statements: Sequence[Signed], now: datetime) -> int:
    """Keep the node's answers, all or none; how many were new. The first answer to an order stays.

    Raises ``MetadataError SIGNATURE_BAD``, ``NOT_THIS_NODE``, ``ORDER_NOT_FOUND``.
    """
    return sum(_take(session, node, statement, now) for statement in statements)


def _take(session: Session, node: Signer, statement: Signed, now: datetime) -> bool:
    at = OrderResult.from_bytes(statement.payload_bytes()).at
    if at.tzinfo is None:
        raise MetadataError("RECORD_UNREADABLE", kind="order_result/1", reason="at: no time zone")
    # An answer may have waited at the node while its key was changed, perhaps by this very order.
    said = statement.open("order_result/1", OrderResult, lambda key_id: node.witness(key_id, at) or node.key_of(key_id))
    if said.node_id != node.node_id:
        raise DirectoryError("NOT_THIS_NODE", caller=node.node_id, node_id=said.node_id)
    row = session.get(WorkOrderRow, said.order_id, with_for_update=True)
    if row is None or row.node_id != node.node_id:
        raise DirectoryError("ORDER_NOT_FOUND", order_id=said.order_id, node_id=node.node_id)
    if row.result is not None:
        return False
    row.outcome, row.result, row.answered_at = said.outcome, statement.to_bytes(), now
    details = {"action": row.action}
    record(session, node.node_id, "order:answer", row.order_id, outcome=said.outcome, code=said.code, details=details)
    return True
