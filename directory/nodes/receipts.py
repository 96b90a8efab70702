"""What nodes report of batches: receipts and statuses. A node speaks only for itself; repeats change nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access.bind import arrived
from directory.access.queries import ends_of
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.models import BatchStatusRow, Node, ReceiptRow
from directory.nodes.queries import signer
from metadata.errors import MetadataError
from metadata.exchange import RECEIPT, BatchStatus, OpenReceipt, Receipt


def take_receipts(session: Session, caller: Node, statements: Sequence[OpenReceipt], now: datetime) -> int:
    """Keep the receipts, all or none; how many were new. The first ``applied`` one makes its request active.

    Each must hold under the key of the node it names, and that node must be the one whose word it is: the relay for
    ``stored``, the route's consumer for everything else. Whoever brings it must be the relay or an end of the route.
    The contents, which go to the provider sealed, come here beside the signed receipt and must be those it names.
    Raises ``MetadataError SIGNATURE_BAD``, ``ROUTE_UNKNOWN``, ``NOT_AN_END``, ``RECEIPT_CONTENTS_OTHER``,
    ``RECEIPT_CONFLICT``.
    """
    return sum(_take_receipt(session, caller, statement, now) for statement in statements)


def _take_receipt(session: Session, caller: Node, told: OpenReceipt, now: datetime) -> bool:
    statement, contents = told.receipt, told.contents
    said = Receipt.from_bytes(statement.payload_bytes())  # to learn whose key must hold; believed only after open()
    speaker = signer(session, said.by_node_id)
    if speaker is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=said.by_node_id)
    if said.at.tzinfo is None:
        raise MetadataError("RECORD_UNREADABLE", kind=RECEIPT, reason="at: no time zone")
    receipt = statement.open(RECEIPT, Receipt, lambda key_id: speaker.witness(key_id, said.at))
    ends = ends_of(session, receipt.route_id)
    is_entitled = speaker.kind == "relay" if receipt.kind == "stored" else speaker.node_id == ends.consumer_node
    if not is_entitled:
        raise DirectoryError("NOT_AN_END", node_id=receipt.by_node_id, route_id=receipt.route_id)
    if caller.kind != "relay" and caller.node_id not in (ends.provider_node, ends.consumer_node):
        raise DirectoryError("NOT_AN_END", node_id=caller.node_id, route_id=receipt.route_id)
    if not receipt.says(contents):
        raise DirectoryError("RECEIPT_CONTENTS_OTHER", route_id=receipt.route_id, seq=receipt.seq)
    _refuse_other_digest(session, receipt)
    inserted = session.execute(
        insert(ReceiptRow)
        .values(
            route_id=receipt.route_id,
            seq=receipt.seq,
            kind=receipt.kind,
            by_node_id=receipt.by_node_id,
            batch_digest=receipt.batch_digest,
            body=statement.to_bytes(),
            contents=contents,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ReceiptRow.seq)
    ).one_or_none()
    if inserted is None:
        _refuse_other_digest(session, receipt)  # one that came in between
        return False
    record(
        session,
        receipt.by_node_id,
        "receipt:take",
        f"{receipt.route_id}/{receipt.seq}",
        code="" if contents is None else contents.code,
        details={"kind": receipt.kind, "digest": receipt.batch_digest, "brought_by": caller.node_id},
    )
    if receipt.kind == "applied":
        arrived(session, speaker, receipt.route_id, now)
    return True


def _refuse_other_digest(session: Session, receipt: Receipt) -> None:
    """Nobody changes their word: all one party says of one batch is about the same bytes."""
    digests = session.scalars(
        select(ReceiptRow.batch_digest).where(
            ReceiptRow.route_id == receipt.route_id,
            ReceiptRow.seq == receipt.seq,
            ReceiptRow.by_node_id == receipt.by_node_id,
        )
    )
    if set(digests) - {receipt.batch_digest}:
        raise DirectoryError("RECEIPT_CONFLICT", route_id=receipt.route_id, seq=receipt.seq)


def take_statuses(session: Session, caller: Node, statuses: Sequence[BatchStatus]) -> int:
    """Keep each status unless a later one by the same node is known; how many were kept.

    Raises ``NOT_THIS_NODE``, ``ROUTE_UNKNOWN``, ``NOT_AN_END``.
    """
    kept = 0
    for status in statuses:
        if status.node_id != caller.node_id:
            raise DirectoryError("NOT_THIS_NODE", caller=caller.node_id, node_id=status.node_id)
        ends = ends_of(session, status.route_id)
        if caller.node_id not in (ends.provider_node, ends.consumer_node):
            raise DirectoryError("NOT_AN_END", node_id=caller.node_id, route_id=status.route_id)
        values = {"state": status.state, "status": status, "said_at": status.at}
        statement = insert(BatchStatusRow).values(
            route_id=status.route_id, seq=status.seq, node_id=status.node_id, **values
        )
        row = session.execute(
            statement.on_conflict_do_update(
                index_elements=["route_id", "seq", "node_id"],
                set_=values,
                where=BatchStatusRow.said_at <= status.at,  # a repeated or delayed call never turns the page back
            ).returning(BatchStatusRow.seq)
        ).one_or_none()
        kept += row is not None
    return kept
