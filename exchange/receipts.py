"""Receipts: what this node signs about a batch, and what others have signed, verified.

What a consumer says goes sealed to the provider's decryption keys (suite 1, as everything beside the batches) within
what it signs, so that the relay, which carries it, sees route, sequence, digest, kind, signer and time, and cannot put
other contents in their place.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.store import RECEIPT
from metadata.errors import MetadataError
from metadata.exchange import RECEIPT as KIND
from metadata.exchange import OpenReceipt, Receipt, ReceiptContents, ReceiptKind, SealedContents
from metadata.signed import Signed, Verifies
from standards.crypto import WrappingKey, digest_hex, random_bytes
from standards.errors import StandardsError


@dataclass(frozen=True)
class Heard:
    """A consumer's receipt, verified and opened: the bytes as signed, what is in the clear, and its contents."""

    signed: Signed
    receipt: Receipt
    contents: ReceiptContents


def issue(connection: Connection, node: Node, batch: Batch, kind: ReceiptKind, *, code: str = "") -> None:
    """Sign our word on a batch, in the transaction of the state it speaks of. What it says is kept and never changes;
    only the seal may be made anew (``seal_anew``).
    """
    contents = ReceiptContents(
        salt=random_bytes(32).hex(),
        rows=batch.rows,
        changed_rows=batch.changed_rows,
        set_aside=batch.set_aside,
        checks_run=batch.checks_run,
        checks_passed=batch.checks_passed,
        report_digest=digest_hex(batch.report) if batch.report else "",
        code=code,
    )
    receipt = Receipt(
        kind=kind,
        route_id=batch.route_id,
        seq=batch.seq,
        batch_digest=batch.digest or digest_hex(batch.manifest),  # evidence of what was refused
        by_node_id=node.node_id,
        at=node.now(),
        contents_digest=contents.digest,
    )
    sealed = _sealed(receipt, contents, node.feed.load().at(node.now()).readers(batch.route_id))
    signed = Signed.sign(KIND, sealed, node.keys.identity)
    keep(connection, batch, signed, kind, contents, is_own=True, now=node.now())


def keep(
    connection: Connection,
    batch: Batch,
    signed: Signed,
    kind: ReceiptKind,
    contents: ReceiptContents | None,
    *,
    is_own: bool,
    now: datetime,
) -> None:
    """Keep a receipt and what it says beside its batch; the first of its kind stays."""
    values = {
        "body": signed.to_bytes(),
        "contents": None if contents is None else contents.to_bytes(),
        "is_own": is_own,
        "created_at": now,
        "relayed_at": None if is_own else now,
    }
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


def open_consumers(node: Node, trust: TrustSet, batch: Batch, signed: Signed) -> Heard:
    """The consumer's word on our batch, opened with one of our keys. Raises as ``read_consumers``, and
    ``RECEIPT_SEALED`` when we have none of the keys that it is sealed to.
    """
    receipt = _consumers(trust, batch, signed)
    return _held_to(batch, Heard(signed, receipt, _opened(node, receipt)))


def read_consumers(trust: TrustSet, batch: Batch, signed: Signed, contents: bytes) -> Heard:
    """The consumer's word as it is kept beside what it says: its own signature, that batch, its contents, and for
    ``applied`` the batch's counts.

    The grant may have ended since: what was delivered under it is acknowledged all the same. A refusal may name another
    digest, since what was refused may not be what we sent. Raises ``RECEIPT_BAD``.
    """
    receipt = _consumers(trust, batch, signed)
    return _held_to(batch, Heard(signed, receipt, _parsed(receipt, contents)))


def as_kept(body: bytes, contents: bytes | None) -> OpenReceipt:
    """A row of the ledger, for those who may know what it says."""
    return OpenReceipt(
        receipt=Signed.from_bytes(body),
        contents=None if contents is None else ReceiptContents.from_bytes(contents),
    )


def _consumers(trust: TrustSet, batch: Batch, signed: Signed) -> Receipt:
    consumer = trust.grants[batch.grant_id].notice.consumer
    at = signed_at(signed)
    receipt = _open(
        signed, lambda key_id: trust.witness(consumer.node_id, key_id, at, consumer), batch, "", batch.digest
    )
    if receipt.by_node_id != consumer.node_id:
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="signed for another node")
    return receipt


def _held_to(batch: Batch, heard: Heard) -> Heard:
    kind, said = heard.receipt.kind, heard.contents
    if kind == "applied" and (said.rows, said.set_aside) != (batch.rows, batch.set_aside):
        raise ExchangeError("RECEIPT_BAD", kind=kind, reason="the counts differ from the sealed ones")
    return heard


def _sealed(receipt: Receipt, contents: ReceiptContents, keys: tuple[WrappingKey, ...]) -> Receipt:
    """The receipt with its contents sealed once for each key, bound to everything else that it says."""
    plain, place = contents.to_bytes(), receipt.place
    sealed = tuple(
        SealedContents(key_id=key.key_id, sealed=base64.b64encode(key.wrap(plain, place)).decode()) for key in keys
    )
    return receipt.model_copy(update={"sealed": sealed})


def _opened(node: Node, receipt: Receipt) -> ReceiptContents:
    mine = [(node.keys.decryption[each.key_id], each) for each in receipt.sealed if each.key_id in node.keys.decryption]
    if not mine:
        raise ExchangeError("RECEIPT_SEALED", kind=receipt.kind)
    key, found = mine[0]
    try:
        plain = key.unwrap(base64.b64decode(found.sealed, validate=True), receipt.place)
    except (StandardsError, ValueError):  # not in base64, or not even in ASCII
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="its seal does not hold here") from None
    return _parsed(receipt, plain)


def _parsed(receipt: Receipt, plain: bytes) -> ReceiptContents:
    try:
        contents = ReceiptContents.from_bytes(plain)
    except MetadataError as error:
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason=error.en) from None
    if not receipt.says(contents):
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="its contents are not those it names")
    return contents


def seal_anew(node: Node) -> int:
    """Our receipts on each route's newest batch, when the provider has a key that they are not sealed to: sealed to its
    keys in force, signed again, and to be delivered again; how many.

    One batch is under way on a route at a time, so no earlier one is waited for. What they say stays, and their time.
    """
    trust = node.feed.load().at(node.now())
    newest = select(RECEIPT.c.route_id, func.max(RECEIPT.c.seq).label("seq")).where(RECEIPT.c.is_own)
    last = newest.group_by(RECEIPT.c.route_id).subquery()
    with node.engine.connect() as connection:
        same = (RECEIPT.c.route_id == last.c.route_id) & (RECEIPT.c.seq == last.c.seq)
        rows = connection.execute(
            select(RECEIPT).join(last, same).where(RECEIPT.c.contents.is_not(None), RECEIPT.c.is_own)
        ).all()
    count = 0
    for row in rows:
        said = Receipt.from_bytes(Signed.from_bytes(bytes(row.body)).payload_bytes())
        keys = trust.readers(row.route_id)
        if not keys or keys[0].key_id in {each.key_id for each in said.sealed}:
            continue
        sealed = _sealed(said, ReceiptContents.from_bytes(bytes(row.contents)), keys)
        body = Signed.sign(KIND, sealed, node.keys.identity).to_bytes()
        with node.engine.begin() as connection:
            connection.execute(_row(row.route_id, row.seq, row.kind).values(body=body, relayed_at=None))
        count += 1
    return count


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
            same = RECEIPT.c.body == row.body  # else it was sealed anew meanwhile
            connection.execute(_row(row.route_id, row.seq, row.kind).where(same).values(relayed_at=node.now()))
    return len(waiting)


def _row(route_id: str, seq: int, kind: str) -> Update:
    return update(RECEIPT).where(RECEIPT.c.route_id == route_id, RECEIPT.c.seq == seq, RECEIPT.c.kind == kind)


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
