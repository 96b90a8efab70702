"""The provider's steps: seal, store, close."""

from collections.abc import Iterator
from typing import BinaryIO

from exchange import columns, department, ledger, receipts, set_aside, source
from exchange.audit import Details
from exchange.envelope.header import Label
from exchange.envelope.seal import Sealed, Sealer
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.ports import Checked, Checker, CheckSubject
from exchange.rows import copy_out
from exchange.spool import digest_of, name_of
from exchange.trust import BoundGrant, TrustSet
from metadata.exchange import Manifest, Segment
from metadata.quality import rules_of
from metadata.signed import Signed
from standards.crypto import SigningKey, digest_hex


def seal(node: Node, batch: Batch, checker: Checker) -> Batch:
    """due -> sealed: extract, check and seal in one step over one exported snapshot; no plaintext file is ever written.

    Committing binds sequence, spool file and digest. A retry before that starts over; what it left is swept.
    """
    trust = node.trust()
    grant = admit(trust, node, batch)
    own_signer(node, trust, grant)
    with source.snapshot(node.settings.department_url, grant) as taken:
        checked = _check(node, batch, grant, taken, checker)
        left = source.left_behind(taken, grant, checked)
        node.spool.require_space(source.estimated_bytes(taken, grant))
        sealed, rows = _write(node, batch, grant, trust, taken, checked, left)
    set_aside.keep(node.settings.department_url, batch.route_id, batch.seq, left)
    details: Details = {"rows": rows, "set_aside": len(left), "digest": sealed.digest, "size_bytes": sealed.size_bytes}
    node.failpoints.reach("seal.before_commit")
    with node.engine.begin() as connection:
        moved = ledger.move(
            connection,
            batch,
            "sealed",
            node.entry("batch:seal", batch.subject, details=details),
            node.now(),
            digest=sealed.digest,
            size_bytes=sealed.size_bytes,
            plain_bytes=sealed.plain_bytes,
            rows=rows,
            set_aside=len(left),
            checks_run=checked.report.run,
            checks_passed=checked.report.passed,
            report=checked.report.to_bytes(),
            previous_digest=_previous_digest(node, batch),
            sealed_at=node.now(),
        )
    node.failpoints.reach("seal.after_commit")
    node.spool.keep_only(batch.route_id, batch.seq, sealed.digest)
    return moved


def store(node: Node, batch: Batch) -> Batch:
    """sealed -> stored: segments to the relay, each by its digest, then the signed announcement, then its receipt.

    Every call may be repeated: objects are named by content, and announcing the same again gives the same receipt.
    """
    trust = node.trust()
    grant = admit(trust, node, batch)
    with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
        segments = _segments(batch, file)
        for number, segment in enumerate(segments):
            if not node.relay.has_object(segment.digest):
                file.seek(number * LIMITS.segment_bytes)
                node.relay.put_object(segment.digest, _pieces(file, segment.size_bytes), segment.size_bytes)
    node.failpoints.reach("store.uploaded")
    manifest = Manifest(
        route_id=batch.route_id,
        seq=batch.seq,
        previous_digest=batch.previous_digest,
        grant_id=grant.grant_id,
        suite=grant.minimum_suite,
        digest=batch.digest,
        size_bytes=batch.size_bytes or 0,
        segments=segments,
        replaces_seq=batch.replaces_seq,
        created_at=batch.sealed_at or node.now(),
    )
    signed = Signed.sign("manifest/1", manifest, node.keys.identity)
    stored = node.relay.announce(batch.route_id, signed)
    receipts.open_stored(trust, batch, stored, batch.digest)
    node.failpoints.reach("store.before_commit")
    with node.engine.begin() as connection:
        receipts.keep(connection, batch, stored, "stored", is_own=False, now=node.now())
        details: Details = {"digest": batch.digest, "segments": len(segments)}
        return ledger.move(
            connection,
            batch,
            "stored",
            node.entry("batch:store", batch.subject, details=details),
            node.now(),
            manifest=signed.to_bytes(),
        )


def close(node: Node, batch: Batch) -> Batch:
    """stored -> closed on the consumer's valid ``applied``, or -> quarantined on its ``refused``; else it waits."""
    trust = node.trust()
    said = {}
    for signed in node.relay.receipts(batch.route_id, batch.seq):
        receipt = receipts.open_consumers(trust, batch, signed)
        said[receipt.kind] = receipt
        with node.engine.begin() as connection:
            receipts.keep(connection, batch, signed, receipt.kind, is_own=False, now=node.now())
    if "applied" in said:
        node.failpoints.reach("close.before_commit")
        entry = node.entry("batch:close", batch.subject, details={"changed_rows": said["applied"].changed_rows})
        with node.engine.begin() as connection:
            closed = ledger.move(
                connection, batch, "closed", entry, node.now(), changed_rows=said["applied"].changed_rows
            )
            earlier = ledger.before(connection, batch)
        if earlier is not None and earlier.state == "closed":  # the newest closed one is kept, those before it are not
            node.spool.forget(earlier.route_id, earlier.seq)
        return closed
    if "refused" in said:
        error = ExchangeError("REFUSED_BY_CONSUMER", refusal=said["refused"].code)
        entry = node.entry("batch:refuse", batch.subject, outcome="quarantined", code=said["refused"].code)
        with node.engine.begin() as connection:
            return ledger.move(
                connection,
                batch,
                "quarantined",
                entry,
                node.now(),
                code=said["refused"].code or error.code,
                explanation_zh=error.zh,
                next_step=error.next_step,
            )
    raise ExchangeError("WAITING_FOR_RECEIPT")


def admit(trust: TrustSet, node: Node, batch: Batch) -> BoundGrant:
    """The batch's grant in force, and for this very route. Raises the code that says why not."""
    grant = trust.admit(batch.grant_id, node.now())
    if grant.route_id != batch.route_id:
        raise ExchangeError("GRANT_OTHER_ROUTE", grant_id=batch.grant_id, route_id=batch.route_id)
    return grant


def own_signer(node: Node, trust: TrustSet, grant: BoundGrant) -> SigningKey:
    """This node's key of the grant's suite, which must be one that the grant admits. Raises ``SIGNER_REVOKED``.

    So nobody else's countersignature, in a history that only this node was shown, makes it send (DESIGN §7).
    """
    key = node.keys.signer(grant.minimum_suite)
    if key.key_id not in {each.key_id for each in trust.signers(grant, grant.minimum_suite)}:
        raise ExchangeError("SIGNER_REVOKED", node_id=node.node_id)
    return key


def _check(node: Node, batch: Batch, grant: BoundGrant, taken: source.Snapshot, checker: Checker) -> Checked:
    checked = checker.check(
        CheckSubject(
            dsn=department.libpq_url(node.settings.department_url),
            snapshot_id=taken.snapshot_id,
            relation=taken.relation,
            rules=rules_of(columns.items(grant)),
            key=columns.key(grant),
            place="source",
            subject=batch.subject,
        ),
    )
    if checked.holds:
        raise ExchangeError("QUALITY_FAILED", rules="、".join(checked.holds))
    return checked


def _write(
    node: Node,
    batch: Batch,
    grant: BoundGrant,
    trust: TrustSet,
    taken: source.Snapshot,
    checked: Checked,
    left: list[set_aside.LeftBehind],
) -> tuple[Sealed, int]:
    """Rows into a sealed file under its final name; the sealed object's facts and the row count."""
    content = columns.content(grant)
    label = Label(
        suite=grant.minimum_suite,
        route_id=batch.route_id,
        seq=batch.seq,
        previous_digest=_previous_digest(node, batch),
        schema_digest=columns.schema_digest(grant),
        grant_id=grant.grant_id,
        content=content,
        kind="full",
        columns=columns.fields(grant),
    )
    references = sorted(node.keys.reference(f"{batch.route_id}\0{row.row_key}".encode()) for row in left)
    with node.spool.part(batch.route_id, batch.seq, batch.lease_epoch) as part:
        with Sealer(
            label, trust.recipients(grant, grant.minimum_suite), own_signer(node, trust, grant), part.write
        ) as sealer:
            node.failpoints.reach("seal.begun")
            query = source.going(grant, taken.relation, checked.set_aside)
            with department.faults("source", f"{grant.schema_name}.{grant.table}"):
                copied = copy_out(taken.connection, query, sealer.write, is_binary=content == "pg_copy_binary")
            node.failpoints.reach("seal.copied")
            report_digest = digest_hex(checked.report.to_bytes())
            sealed = sealer.finish(copied.rows, report_digest, len(references), references, target_rows=copied.rows)
        part.keep(name_of(batch.route_id, batch.seq, sealed.digest))
    return sealed, copied.rows


def _previous_digest(node: Node, batch: Batch) -> str:
    with node.engine.connect() as connection:
        previous = ledger.before(connection, batch)
    return "" if previous is None else previous.digest


def _segments(batch: Batch, file: BinaryIO) -> tuple[Segment, ...]:
    """The file in pieces, their digests, and on the way that it still is what was sealed. Raises ``SPOOL_ALTERED``."""
    size_bytes = batch.size_bytes or 0
    if digest_of(file, size_bytes + 1) != batch.digest:
        raise ExchangeError("SPOOL_ALTERED", name=name_of(batch.route_id, batch.seq, batch.digest))
    file.seek(0)
    sizes = [min(LIMITS.segment_bytes, size_bytes - start) for start in range(0, size_bytes, LIMITS.segment_bytes)]
    return tuple(Segment(digest=digest_of(file, size), size_bytes=size) for size in sizes)


def _pieces(file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0 and (piece := file.read(min(size_bytes, LIMITS.read_bytes))):
        size_bytes -= len(piece)
        yield piece
