"""A person moves a batch that stopped: held goes on where it was; quarantined is sealed anew under a new sequence."""

from sqlalchemy import text

from exchange import allowance, department, ledger
from exchange.consumer import undo
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.node import Node
from exchange.plan import BatchRef, current_grant
from exchange.provider.replacement import regrant, replace


def redrive(node: Node, route_id: str, seq: int, actor: str, *, is_full: bool = False) -> BatchRef:
    """Move one batch on; the batch to drive, which for one sealed anew is a new one naming the one it replaces.

    ``is_full``: a held batch not yet sealed then carries all rows; one sealed anew does so always.
    A batch of an instant is sealed anew with all its members. Raises ``REDRIVE_NOT_NEEDED``, ``REDRIVE_ALREADY``,
    ``REDRIVE_AT_PROVIDER`` (only the provider can seal anew), for a route without a grant in force the grant's code,
    and as ``replacement.replace``.
    """
    _outlive_the_target(node, route_id)
    with ledger.take(node.engine, route_id, seq, "") as batch:
        if batch.state == "held":
            return _retry(node, batch, actor, is_full=is_full)
        if batch.state != "quarantined":
            raise ExchangeError("REDRIVE_NOT_NEEDED", state=batch.state)
        if batch.role == "consumer":
            raise ExchangeError("REDRIVE_AT_PROVIDER")
        if batch.replaced_by_seq is not None:
            raise ExchangeError("REDRIVE_ALREADY", seq=batch.replaced_by_seq)
        return _replace(node, batch, actor)


def may_redrive(batch: Batch) -> bool:
    """Whether a person can move it on this node: what is held, and at its provider what is quarantined."""
    is_lost = batch.state == "quarantined" and batch.role == "provider" and batch.replaced_by_seq is None
    return batch.state == "held" or is_lost


def _retry(node: Node, batch: Batch, actor: str, *, is_full: bool) -> BatchRef:
    """Back to where it stopped; what is not sealed yet goes under the route's newest grant.

    A batch held because much would change goes as it is now: the person has looked. One that was undone stays so, and
    its route goes on.
    """
    entry = node.entry("batch:redrive", batch.subject, actor=actor, code=batch.code)
    if batch.code == undo.CODE:
        undo.resume(node, batch)
    with node.engine.begin() as connection:
        if batch.code in allowance.JUDGED:
            allowance.allow(connection, batch, batch.code, actor, node.now())
        if is_full:
            allowance.allow(connection, batch, allowance.FULL, actor, node.now())
        moved = ledger.move(connection, batch, batch.held_from, entry, node.now())
        if moved.role == "provider" and moved.state == "due":
            regrant(connection, node, node.trust(), moved, actor)
    return BatchRef(node.node_id, batch.route_id, batch.seq)


def _replace(node: Node, batch: Batch, actor: str) -> BatchRef:
    now, trust = node.now(), node.trust()
    grant = current_grant(trust, batch.route_id, now) or trust.admit(batch.grant_id, now)
    with node.engine.begin() as connection:
        return replace(connection, node, trust, batch, grant, actor)


def _outlive_the_target(node: Node, route_id: str) -> None:
    """A node restored from an old backup counts leases from the past: begin above what the target has seen."""
    url = node.settings.department_url
    with department.connect(url, "target", "hutong.route_head") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT lease_epoch FROM hutong.route_head WHERE route_id = %s", (route_id,))
        row = cursor.fetchone()
    if row is not None:
        with node.engine.begin() as ledger_connection:
            ledger_connection.execute(
                text("SELECT setval('lease_epoch', greatest(:seen, last_value + 1)) FROM lease_epoch"), {"seen": row[0]}
            )
