"""Announcements and receipts of a route: in order, each sequence once, nothing taken back."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection, exists, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import audit
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers.relay_client import Announced, Listing, Receipts
from exchange.receipts import signed_at
from exchange.relay.access import Body, CallerId, RelayParts, ends, require_end, under_trust
from exchange.relay.parts import Parts
from exchange.relay.tables import BATCH, FORK, OBJECT, RECEIPT, SEGMENT
from metadata.exchange import RECEIPT as RECEIPT_KIND
from metadata.exchange import Manifest, Receipt
from metadata.record import Record
from metadata.signed import Signed

router = APIRouter(prefix="/relay/v1/routes/{route_id}")

Sequence = Annotated[int, Query(ge=0, lt=2**63)]


@router.post("/batches")
def announce(route_id: str, content: Body, held: RelayParts, node_id: CallerId) -> Response:
    """Take the provider's manifest for the next sequence and sign for it; the same again gives the same receipt.

    409 ``EXPECTED_SEQ`` names the next one; 409 ``SEQ_FORK``, ``REPLAYED``, ``OUT_OF_ORDER``, ``SEGMENT_MISSING``.
    """
    trust, provider, _ = ends(held, route_id)
    if node_id != provider:
        raise ExchangeError("NOT_AN_END", node_id=node_id, route_id=route_id)
    signed = Signed.from_bytes(content)
    manifest = signed.open("manifest/1", Manifest, lambda key_id: trust.identity(provider, key_id))
    if manifest.route_id != route_id or manifest.size_bytes > LIMITS.batch_bytes:
        raise ExchangeError("MANIFEST_BAD", reason="another route, or too large")
    if sum(segment.size_bytes for segment in manifest.segments) != manifest.size_bytes:
        raise ExchangeError("MANIFEST_BAD", reason="the segments' sizes")
    with held.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": route_id})
        standing = connection.execute(
            select(BATCH.c.digest, BATCH.c.stored).where(BATCH.c.route_id == route_id, BATCH.c.seq == manifest.seq)
        ).one_or_none()
        if standing is not None:
            if standing.digest == manifest.digest:
                return _answer(Signed.from_bytes(bytes(standing.stored)))
            _note_fork(connection, held, manifest, signed)
        if standing is not None or _is_forked(connection, route_id, signed):
            connection.commit()
            raise ExchangeError("SEQ_FORK", route_id=route_id, seq=manifest.seq)
        grant = under_trust(held, lambda newer: newer.admit_notice(manifest.grant_id, held.clock()))
        if grant.route_id != route_id:
            raise ExchangeError("GRANT_OTHER_ROUTE", grant_id=manifest.grant_id, route_id=route_id)
        require_order(connection, manifest)
        _require_segments(connection, manifest)
        return _answer(_store(connection, held, manifest, signed, node_id))


@router.get("/batches")
def batches(route_id: str, held: RelayParts, node_id: CallerId, after: Sequence = 0) -> Response:
    """What was announced after a sequence, in order, one page."""
    require_end(held, route_id, node_id)
    with held.engine.connect() as connection:
        answered = exists().where(
            RECEIPT.c.route_id == BATCH.c.route_id,
            RECEIPT.c.seq == BATCH.c.seq,
            RECEIPT.c.kind.in_(("applied", "refused")),
        )
        rows = connection.execute(
            select(BATCH, answered.label("is_answered"))
            .where(BATCH.c.route_id == route_id, BATCH.c.seq > after)
            .order_by(BATCH.c.seq)
            .limit(LIMITS.listing_page)
        ).all()
    return _answer(
        Listing(
            batches=tuple(
                Announced(
                    seq=row.seq,
                    manifest=Signed.from_bytes(bytes(row.manifest)),
                    stored=Signed.from_bytes(bytes(row.stored)),
                    is_answered=row.is_answered,
                )
                for row in rows
            )
        )
    )


@router.put("/receipts", status_code=204)
def put_receipt(route_id: str, content: Body, held: RelayParts, node_id: CallerId) -> None:
    """Take the consumer's receipt on an announced batch; the first of its kind stays, but for the seal: what the first
    said may come sealed to other keys of the provider's.
    """
    trust, _, consumer = ends(held, route_id)
    if node_id != consumer:
        raise ExchangeError("RECEIPT_NOT_YOURS")
    signed = Signed.from_bytes(content)
    at = signed_at(signed)
    receipt = signed.open(RECEIPT_KIND, Receipt, lambda key_id: trust.witness(consumer, key_id, at))
    if receipt.route_id != route_id or receipt.by_node_id != consumer or receipt.kind == "stored":
        raise ExchangeError("RECEIPT_NOT_YOURS")
    with held.engine.begin() as connection:
        known = connection.scalar(select(BATCH.c.seq).where(BATCH.c.route_id == route_id, BATCH.c.seq == receipt.seq))
        if known is None:
            raise ExchangeError("BATCH_NOT_ANNOUNCED", route_id=route_id, seq=receipt.seq)
        place = {"route_id": route_id, "seq": receipt.seq, "kind": receipt.kind}
        made = connection.scalar(
            upsert(RECEIPT)
            .values(**place, body=signed.to_bytes(), created_at=held.clock())
            .on_conflict_do_nothing()
            .returning(RECEIPT.c.seq)
        )
        if made is None:
            _seal_anew(connection, place, receipt, signed)


@router.get("/receipts")
def receipts(route_id: str, held: RelayParts, node_id: CallerId, seq: Sequence) -> Response:
    """What the consumer has signed about one batch."""
    require_end(held, route_id, node_id)
    with held.engine.connect() as connection:
        bodies = connection.scalars(
            select(RECEIPT.c.body).where(RECEIPT.c.route_id == route_id, RECEIPT.c.seq == seq).order_by(RECEIPT.c.kind)
        ).all()
    return _answer(Receipts(receipts=tuple(Signed.from_bytes(bytes(body)) for body in bodies)))


def _seal_anew(connection: Connection, place: Mapping[str, object], receipt: Receipt, signed: Signed) -> None:
    """The same word sealed to other keys takes the first's place; another word does not."""
    same = [RECEIPT.c[name] == value for name, value in place.items()]
    body = connection.scalar(select(RECEIPT.c.body).where(*same).with_for_update())
    standing = Receipt.from_bytes(Signed.from_bytes(bytes(body or b"")).payload_bytes())
    if receipt.place == standing.place and receipt.sealed:
        connection.execute(update(RECEIPT).where(*same).values(body=signed.to_bytes()))


def require_order(connection: Connection, manifest: Manifest) -> None:
    """The next sequence; or one that replaces the one just before it, which never came."""
    last = connection.execute(
        select(BATCH.c.seq, BATCH.c.digest)
        .where(BATCH.c.route_id == manifest.route_id)
        .order_by(BATCH.c.seq.desc())
        .limit(1)
    ).one_or_none()
    seq, previous = (0, "") if last is None else (last.seq, last.digest)
    if manifest.seq != seq + 1 and not (manifest.seq > seq and manifest.replaces_seq == manifest.seq - 1):
        raise ExchangeError("EXPECTED_SEQ", route_id=manifest.route_id, expected=seq + 1, seq=manifest.seq)
    if manifest.previous_digest != previous:
        raise ExchangeError("OUT_OF_ORDER")
    earlier = connection.scalar(select(BATCH.c.seq).where(BATCH.c.digest == manifest.digest))
    if earlier is not None:
        raise ExchangeError("REPLAYED", seq=manifest.seq, found=earlier)


def _require_segments(connection: Connection, manifest: Manifest) -> None:
    wanted = [segment.digest for segment in manifest.segments]
    sizes = {
        row.digest: row.size_bytes
        for row in connection.execute(
            select(OBJECT.c.digest, OBJECT.c.size_bytes)
            .where(OBJECT.c.digest.in_(wanted))
            .order_by(OBJECT.c.digest)
            .with_for_update(key_share=True, read=True)  # the sweep takes none of them before they are announced
        )
    }
    for number, segment in enumerate(manifest.segments):
        if sizes.get(segment.digest) != segment.size_bytes:
            raise ExchangeError("SEGMENT_MISSING", number=number)


def sign_stored(held: Parts, manifest: Manifest) -> Signed:
    """The relay's word that it has taken this announcement."""
    receipt = Receipt(
        kind="stored",
        route_id=manifest.route_id,
        seq=manifest.seq,
        batch_digest=manifest.digest,
        by_node_id=held.settings.name,
        at=held.clock(),
    )
    return Signed.sign(RECEIPT_KIND, receipt, held.key)


def _note_fork(connection: Connection, held: Parts, manifest: Manifest, signed: Signed) -> None:
    """Two contents for one place, both signed by the provider: its node exists twice. Kept as proof."""
    values = {"seq": manifest.seq, "manifest": signed.to_bytes(), "seen_at": held.clock()}
    connection.execute(
        upsert(FORK)
        .values(route_id=manifest.route_id, key_id=signed.signatures[0].key_id, **values)
        .on_conflict_do_nothing()
    )
    name, subject = held.settings.name, f"{manifest.route_id}/{manifest.seq}"
    entry = audit.entry("relay", name, held.settings.org_code, "batch:refuse", subject, held.clock(), code="SEQ_FORK")
    audit.enqueue(connection, entry)


def _is_forked(connection: Connection, route_id: str, signed: Signed) -> bool:
    """Whether this signer has announced two contents for one place of the route: then neither twin goes on."""
    seen = select(FORK.c.seq).where(FORK.c.route_id == route_id, FORK.c.key_id == signed.signatures[0].key_id)
    return connection.scalar(seen) is not None


def _store(connection: Connection, held: Parts, manifest: Manifest, signed: Signed, node_id: str) -> Signed:
    now, name = held.clock(), held.settings.name
    stored = sign_stored(held, manifest)
    connection.execute(
        insert(BATCH).values(
            route_id=manifest.route_id,
            seq=manifest.seq,
            digest=manifest.digest,
            manifest=signed.to_bytes(),
            stored=stored.to_bytes(),
            announced_by=node_id,
            announced_at=now,
        )
    )
    rows = [
        {"route_id": manifest.route_id, "seq": manifest.seq, "number": number, "digest": segment.digest}
        for number, segment in enumerate(manifest.segments)
    ]
    connection.execute(insert(SEGMENT), rows)
    subject = f"{manifest.route_id}/{manifest.seq}"
    details: audit.Details = {"digest": manifest.digest, "size_bytes": manifest.size_bytes}
    audit.enqueue(
        connection,
        audit.entry("relay", name, held.settings.org_code, "batch:keep", subject, now, details=details),
    )
    return stored


def _answer(record: Record) -> Response:
    return Response(record.to_bytes(), media_type="application/json")
