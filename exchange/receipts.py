"""Receipts: what this node signs about a batch, and what others have signed, verified."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.store import RECEIPT
from metadata.errors import MetadataError
from metadata.exchange import Receipt, ReceiptKind
from metadata.signed import Signed, Verifies
from standards.crypto import digest_hex

KIND = "receipt/1"


def issue(connection: Connection, node: Node, batch: Batch, kind: ReceiptKind, *, code: str = "") -> None:
    """Sign our word on a batch, in the transaction of the state it speaks of. Its bytes are kept: it is never
    re-signed.
    """
    receipt = Receipt(
        kind=kind,
        route_id=batch.route_id,
        seq=batch.seq,
        batch_digest=batch.digest or digest_hex(batch.manifest),  # evidence of what was refused
        by_node_id=node.node_id,
        at=node.now(),
        rows=batch.rows,
        changed_rows=batch.changed_rows,
        set_aside=batch.set_aside,
        checks_run=batch.checks_run,
        checks_passed=batch.checks_passed,
        report_digest=digest_hex(batch.report) if batch.report else "",
        code=code,
    )
    keep(connection, batch, Signed.sign(KIND, receipt, node.keys.identity), kind, is_own=True, now=node.now())


def keep(
    connection: Connection, batch: Batch, signed: Signed, kind: ReceiptKind, *, is_own: bool, now: datetime
) -> None:
    """Keep a receipt beside its batch; the first of its kind stays."""
    values = {"body": signed.to_bytes(), "is_own": is_own, "created_at": now, "relayed_at": None if is_own else now}
    # Others' words reach the directory through them; only the relay's is passed on by us (DESIGN §8, four receipts).
    reported_at = None if is_own or kind == "stored" else now
    connection.execute(
        upsert(RECEIPT)
        .values(route_id=batch.route_id, seq=batch.seq, kind=kind, reported_at=reported_at, **values)
        .on_conflict_do_nothing()
    )


def open_stored(trust: TrustSet, batch: Batch, signed: Signed, digest: str) -> Receipt:
    """The relay's word that it keeps our batch. Raises ``RECEIPT_BAD``."""
    return _open(signed, trust.relay_key, batch, "stored", digest)


def open_consumers(trust: TrustSet, batch: Batch, signed: Signed) -> Receipt:
    """The consumer's word on our batch: its own signature, our batch, and for ``applied`` our counts.

    The grant may have ended since: what was delivered under it is acknowledged all the same. A refusal may name another
    digest, since what was refused may not be what we sent. Raises ``RECEIPT_BAD``.
    """
    consumer = trust.grants[batch.grant_id].grant.consumer
    at = signed_at(signed)
    receipt = _open(
        signed, lambda key_id: trust.witness(consumer.node_id, key_id, at, consumer), batch, "", batch.digest
    )
    if receipt.by_node_id != consumer.node_id:
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="signed for another node")
    if receipt.kind == "applied" and (receipt.rows, receipt.set_aside) != (batch.rows, batch.set_aside):
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="the counts differ from the sealed ones")
    return receipt


def deliver(node: Node, route_id: str = "", seq: int = 0) -> int:
    """Send our receipts that the relay does not have yet, of one batch or of all; returns how many.

    Raises ``RELAY_DOWN`` or ``RELAY_REFUSED``; what was sent before stays noted as sent.
    """
    statement = select(RECEIPT).where(RECEIPT.c.relayed_at.is_(None)).order_by(RECEIPT.c.created_at)
    if route_id:
        statement = statement.where(RECEIPT.c.route_id == route_id, RECEIPT.c.seq == seq)
    with node.engine.connect() as connection:
        waiting = connection.execute(statement).all()
    for row in waiting:
        node.relay.put_receipt(row.route_id, Signed.from_bytes(bytes(row.body)))
        with node.engine.begin() as connection:
            connection.execute(
                update(RECEIPT)
                .where(RECEIPT.c.route_id == row.route_id, RECEIPT.c.seq == row.seq, RECEIPT.c.kind == row.kind)
                .values(relayed_at=node.now())
            )
    return len(waiting)


def signed_at(signed: Signed) -> datetime:
    """When a receipt says it was signed; not verified yet. A key replaced since may have signed it before."""
    try:
        at = Receipt.from_bytes(signed.payload_bytes()).at
    except MetadataError as error:
        raise ExchangeError("RECEIPT_BAD", kind="-", reason=error.en) from None
    if at.tzinfo is None:
        raise ExchangeError("RECEIPT_BAD", kind="-", reason="its time has no zone")
    return at


def deliver_again(node: Node, batch: Batch) -> None:
    """The relay has lost what we said of a batch: it goes there once more."""
    with node.engine.begin() as connection:
        connection.execute(
            update(RECEIPT)
            .where(RECEIPT.c.route_id == batch.route_id, RECEIPT.c.seq == batch.seq, RECEIPT.c.is_own)
            .values(relayed_at=None)
        )
    deliver(node, batch.route_id, batch.seq)


def _open(signed: Signed, key_of: Callable[[str], Verifies | None], batch: Batch, kind: str, digest: str) -> Receipt:
    try:
        receipt = signed.open(KIND, Receipt, key_of)
    except MetadataError as error:
        raise ExchangeError("RECEIPT_BAD", kind=kind or "-", reason=error.en) from None
    if (receipt.route_id, receipt.seq) != (batch.route_id, batch.seq) or (kind and receipt.kind != kind):
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="it is of another batch")
    if receipt.kind != "refused" and receipt.batch_digest != digest:
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="it names another digest")
    return receipt
