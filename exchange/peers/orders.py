"""Work orders: found in the directory's signed feed, carried out at most once, answered with a signed result.

That an order was begun is committed before anything is done for it. A node killed in between answers ``interrupted``
and never begins it again. An order sets a procedure of the node's own going; what that may move is decided by
countersigned grants as ever, so nobody can make a node send by an order.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import audit
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.store import WORK_ORDER
from metadata.orders import PROCEDURES, OrderResult, WorkOrder, misfit
from metadata.signed import Signed
from standards.errors import ExplainedError

Action = Callable[[Node, WorkOrder], Mapping[str, int]]
"""Does what an order asks and returns counts; raises an explained error."""

RESULT_KIND = "order_result/1"


def waiting(node: Node) -> list[WorkOrder]:
    """The orders for this node, as its copy of the feed has them, that are not yet answered in the ledger."""
    with node.engine.connect() as connection:
        done = frozenset(connection.scalars(select(WORK_ORDER.c.order_id).where(WORK_ORDER.c.result.is_not(None))))
    orders = node.trust().orders.values()
    return [order for order in orders if order.node_id == node.node_id and order.order_id not in done]


def carry_out(node: Node, actions: Mapping[str, Action]) -> int:
    """Carry out every order for this node that is not yet in the ledger, and send the results; how many orders.

    Raises ``TRUST_STALE`` before anything is begun, and ``DIRECTORY_DOWN`` and the like when results cannot be sent
    now: they wait.
    """
    node.trust().require_fresh(node.now())
    count = sum(_carry_out(node, order, actions) for order in waiting(node))
    send(node)
    return count


def send(node: Node) -> None:
    """Bring the directory the results it does not have yet, in order."""
    with node.engine.connect() as connection:
        rows = connection.execute(
            select(WORK_ORDER.c.order_id, WORK_ORDER.c.result)
            .where(WORK_ORDER.c.result.is_not(None), WORK_ORDER.c.sent_at.is_(None))
            .order_by(WORK_ORDER.c.taken_at)
            .limit(LIMITS.order_page)
        ).all()
    if not rows:
        return
    node.directory.send_order_results([Signed.from_bytes(bytes(row.result)) for row in rows])
    with node.engine.begin() as connection:
        sent = WORK_ORDER.c.order_id.in_([row.order_id for row in rows])
        connection.execute(update(WORK_ORDER).where(sent).values(sent_at=node.now()))


def require_valid(order: WorkOrder, node_id: str, now: datetime) -> None:
    """Raises ``ORDER_FOREIGN``, ``ORDER_EXPIRED``, ``ORDER_UNKNOWN``, ``ORDER_ARGUMENT``."""
    if order.node_id != node_id:
        raise ExchangeError("ORDER_FOREIGN", node_id=order.node_id)
    if order.expires_at <= now:
        raise ExchangeError("ORDER_EXPIRED", expires_at=order.expires_at)
    if order.action not in PROCEDURES:
        raise ExchangeError("ORDER_UNKNOWN", action=order.action)
    if name := misfit(order.action, order.arguments):
        raise ExchangeError("ORDER_ARGUMENT", name=name)


def _carry_out(node: Node, order: WorkOrder, actions: Mapping[str, Action]) -> bool:
    """False when another worker is at it or was quicker."""
    with _held(node, order) as is_mine:
        if not is_mine:
            return False
        standing = _begin(node, order)
        if standing is not None and standing.result is not None:
            return False
        if standing is not None:
            _answer(node, order, _refusal(order, node, "interrupted", ExchangeError("ORDER_INTERRUPTED")))
            return True
        try:
            require_valid(order, node.node_id, node.now())
        except ExchangeError as error:
            _answer(node, order, _refusal(order, node, "refused", error))
            return True
        node.failpoints.reach("order.begun")
        try:
            facts = actions[order.action](node, order)
        except ExplainedError as error:
            _answer(node, order, _refusal(order, node, "failed", error))
        else:
            result = OrderResult(
                order_id=order.order_id, node_id=node.node_id, outcome="done", facts=dict(facts), at=node.now()
            )
            _answer(node, order, result)
        return True


@contextmanager
def _held(node: Node, order: WorkOrder) -> Iterator[bool]:
    """Whether this worker alone has the order now; the database lets go of it when the worker dies."""
    with node.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = {"name": f"order.{order.order_id}"}
        is_mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), name))
        try:
            yield is_mine
        finally:
            if is_mine:
                connection.scalar(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), name)


def _begin(node: Node, order: WorkOrder) -> Row[Any] | None:
    """Note that the order is begun, or what was noted of it before."""
    with node.engine.begin() as connection:
        standing = connection.execute(select(WORK_ORDER).where(WORK_ORDER.c.order_id == order.order_id)).one_or_none()
        if standing is None:
            values = {"order_id": order.order_id, "action": order.action, "taken_at": node.now()}
            connection.execute(upsert(WORK_ORDER).values(**values))
            _note(connection, node, order, "order:begin", outcome="done", code="")
        return standing


def _answer(node: Node, order: WorkOrder, result: OrderResult) -> None:
    signed = Signed.sign(RESULT_KIND, result, node.keys.identity)
    with node.engine.begin() as connection:
        connection.execute(
            update(WORK_ORDER)
            .where(WORK_ORDER.c.order_id == order.order_id)
            .values(outcome=result.outcome, code=result.code, result=signed.to_bytes())
        )
        _note(connection, node, order, "order:answer", outcome=result.outcome, code=result.code)


def _note(connection: Connection, node: Node, order: WorkOrder, action: str, *, outcome: str, code: str) -> None:
    details: audit.Details = {"action": order.action, "issued_by": order.issued_by}
    audit.enqueue(connection, node.entry(action, order.order_id, outcome=outcome, code=code, details=details))


def _refusal(order: WorkOrder, node: Node, outcome: str, error: ExplainedError) -> OrderResult:
    return OrderResult.model_validate(
        {
            "order_id": order.order_id,
            "node_id": node.node_id,
            "outcome": outcome,
            "code": error.code,
            "explanation_zh": error.zh[:500],
            "at": node.now(),
        }
    )
