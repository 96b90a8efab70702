"""The consumer's first steps: fetch and verify. What the relay serves is believed only as far as the provider signed
it.
"""

from typing import BinaryIO

from exchange import columns, instants, ledger, receipts
from exchange.audit import Details
from exchange.consumer import marks
from exchange.envelope import open as envelope
from exchange.envelope.suites import Hasher
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.spool import Part, name_of
from metadata.errors import MetadataError
from metadata.exchange import Manifest, Segment
from metadata.keys import FIRST_SUITE, AnyVerifyingKey
from metadata.signed import Signed
from standards.crypto import VerifyingKey


def fetch(node: Node, batch: Batch) -> Batch:
    """stored -> fetched: every segment, checked by its digest, into one spool file. An interrupted one goes on.

    A segment that comes wrong or short ``fetch_attempts`` times condemns the batch; a relay that is down does not.
    """
    trust = node.trust()
    manifest, _ = announced(node, trust, batch)
    node.spool.require_space(manifest.size_bytes - node.spool.partial_bytes(batch.route_id, batch.seq))
    offset = 0
    with node.spool.part(batch.route_id, batch.seq, batch.lease_epoch, resumes=True) as part:
        for number, segment in enumerate(manifest.segments):
            _fetch_segment(node, batch, part, number, segment, offset)
            offset += segment.size_bytes
            node.failpoints.reach("fetch.segment")
        part.keep(name_of(batch.route_id, batch.seq, manifest.digest))
    node.failpoints.reach("fetch.before_commit")
    details: Details = {"digest": manifest.digest, "size_bytes": manifest.size_bytes}
    with node.engine.begin() as connection:
        if manifest.instant:
            instants.keep(connection, [instants.Place(each.route_id, each.seq) for each in manifest.instant])
        return ledger.move(
            connection,
            batch,
            "fetched",
            node.entry("batch:fetch", batch.subject, details=details),
            node.now(),
            digest=manifest.digest,
            size_bytes=manifest.size_bytes,
            grant_id=manifest.grant_id,
            replaces_seq=manifest.replaces_seq,
            previous_digest=manifest.previous_digest,
        )


def verify(node: Node, batch: Batch) -> Batch:
    """fetched -> verified: signature, structure, and that the sealed header says what the announcement said."""
    trust = node.trust()
    _, grant = announced(node, trust, batch)
    _require_order(node, batch)
    verified_batch(node, trust, batch, grant)
    node.failpoints.reach("verify.before_commit")
    with node.engine.begin() as connection:
        entry = node.entry("batch:verify", batch.subject, details={"digest": batch.digest})
        moved = ledger.move(connection, batch, "verified", entry, node.now())
        receipts.issue(connection, node, moved, "verified")
        return moved


def announced(node: Node, trust: TrustSet, batch: Batch) -> tuple[Manifest, BoundGrant]:
    """The provider's manifest for this place on this route, and its grant in force.

    Raises ``MANIFEST_BAD``; ``REPLAYED`` for an earlier batch in this place; ``SWAPPED`` for another route's;
    ``OUT_OF_ORDER`` for one that follows another batch than ours; and the codes of ``TrustSet.admit``.
    """
    manifest, signer = open_manifest(trust, batch.route_id, batch.manifest)
    grant = trust.admit(manifest.grant_id, node.now())
    if manifest.route_id != batch.route_id or grant.route_id != batch.route_id:
        raise ExchangeError("SWAPPED", field="route_id")
    if tuple(member.route_id for member in manifest.instant) != grant.snapshot_group:
        raise ExchangeError("MANIFEST_BAD", reason="its instant is of other tables than the grant's group")
    if grant.consumer.node_id != node.node_id:
        raise ExchangeError("NOT_A_RECIPIENT")
    if signer not in trust.signers(grant, FIRST_SUITE):
        raise ExchangeError("SIGNER_REVOKED", node_id=grant.provider.node_id)
    if manifest.seq != batch.seq:
        raise ExchangeError("REPLAYED", seq=batch.seq, found=manifest.seq)
    if (manifest.created_at - node.now()).total_seconds() > LIMITS.clock_skew_seconds:
        raise ExchangeError("MANIFEST_BAD", reason="it comes from the future")
    with node.engine.connect() as connection:
        previous = ledger.before(connection, batch)
    # What we gave up may never have been what the provider sent: there its own word on the digest is all there is.
    is_known = previous is None or previous.state != "quarantined"
    if is_known and previous is not None and not previous.digest:
        raise ExchangeError("WAITING_FOR_SEQ", seq=batch.seq, expected=previous.seq)
    if is_known and manifest.previous_digest != ("" if previous is None else previous.digest):
        raise ExchangeError("OUT_OF_ORDER")
    if sum(segment.size_bytes for segment in manifest.segments) != manifest.size_bytes:
        raise ExchangeError("OBJECT_SIZE")
    if manifest.size_bytes > LIMITS.batch_bytes:
        raise ExchangeError("OBJECT_SIZE")
    return manifest, grant


def verified_batch(node: Node, trust: TrustSet, batch: Batch, grant: BoundGrant) -> envelope.VerifiedBatch:
    """The spooled object, its signature verified, found to be the announced one and of this place."""
    with node.spool.open(batch.route_id, batch.seq, batch.digest) as file:
        verified = _by_a_signer(file, trust.signers(grant, grant.minimum_suite), grant.minimum_suite)
    if verified.digest != batch.digest or verified.size_bytes != batch.size_bytes:
        raise ExchangeError("OBJECT_SIZE")
    header = verified.header
    if header.route_id != batch.route_id or header.grant_id != batch.grant_id:
        raise ExchangeError("SWAPPED", field="route_id" if header.route_id != batch.route_id else "grant_id")
    if header.seq != batch.seq:
        raise ExchangeError("REPLAYED", seq=batch.seq, found=header.seq)
    if header.previous_digest != batch.previous_digest:
        raise ExchangeError("OUT_OF_ORDER")
    verified.expect(schema_digest=columns.schema_digest(grant))
    if (header.content == "files") != (columns.content(grant) == "files"):
        raise ExchangeError("HEADER_MISMATCH", field="content")
    if header.kind != "full" and not columns.key(grant):
        raise ExchangeError("HEADER_MISMATCH", field="kind")
    if not any(recipient.key_id in node.keys.decryption for recipient in header.recipients):
        raise ExchangeError("NOT_A_RECIPIENT")
    return verified


def _by_a_signer(file: BinaryIO, signers: tuple[AnyVerifyingKey, ...], minimum_suite: int) -> envelope.VerifiedBatch:
    """Verified under the provider's newest key or, sealed before that came, under the one still in its overlap."""
    try:
        return envelope.verify(file, signers[0], minimum_suite=minimum_suite)
    except ExchangeError as error:
        earlier = [key for key in signers[1:] if error.code == "SIGNER_OTHER" and key.key_id == error.values["found"]]
        if not earlier:
            raise
    file.seek(0)
    return envelope.verify(file, earlier[0], minimum_suite=minimum_suite)


def open_manifest(trust: TrustSet, route_id: str, announced: bytes) -> tuple[Manifest, VerifyingKey]:
    """Verified under an identity key of the route's provider, whichever grant it names; and that key.

    Raises ``MANIFEST_BAD`` or ``SIGNER_REVOKED``.
    """
    ends = trust.ends_of(route_id)
    keys = {} if ends is None else {key.key_id: key for key in trust.identities(ends[0])}
    if ends is None or not keys:
        raise ExchangeError("SIGNER_REVOKED", node_id="-" if ends is None else ends[0])
    try:
        signed = Signed.from_bytes(announced)
        manifest = signed.open("manifest/1", Manifest, keys.get)
        return manifest, next(keys[each.key_id] for each in signed.signatures if each.key_id in keys)
    except MetadataError as error:
        raise ExchangeError("MANIFEST_BAD", reason=error.en) from None


def _fetch_segment(node: Node, batch: Batch, part: Part, number: int, segment: Segment, offset: int) -> None:
    """Bring one segment to stand at ``offset``, using what is there already."""
    code = "OBJECT_DIGEST"
    for _ in range(LIMITS.fetch_attempts):
        have = min(part.size_bytes - offset, segment.size_bytes)
        found = part.hashed(offset, have)

        def take(piece: bytes, found: Hasher = found) -> None:
            part.write(piece)
            found.update(piece)

        if have < segment.size_bytes:
            try:
                have += node.relay.get_object(batch.route_id, segment.digest, have, segment.size_bytes, take)
            except ExchangeError as error:
                if error.code == "RELAY_REFUSED" and error.values["refusal"] == "OBJECT_UNKNOWN":
                    raise ExchangeError("WAITING_FOR_OBJECT", number=number) from None
                raise
        if have == segment.size_bytes and found.hexdigest() == segment.digest:
            return
        code = "OBJECT_DIGEST" if have == segment.size_bytes else "OBJECT_TRUNCATED"
        part.cut(offset)
    raise ExchangeError(code, number=number, attempts=LIMITS.fetch_attempts)


def _require_order(node: Node, batch: Batch) -> None:
    """Every earlier batch of the route is over, and the target has not applied this or a later one.

    Raises ``WAITING_FOR_SEQ`` or ``REPLAYED``; the target decides finally, when it applies.
    """
    with node.engine.connect() as connection:
        pending = ledger.first_pending(connection, batch)
    if pending is not None:
        raise ExchangeError("WAITING_FOR_SEQ", seq=batch.seq, expected=pending)
    head = marks.head_seq(node.settings.department_url, batch.route_id)
    if batch.seq <= head:
        raise ExchangeError("REPLAYED", seq=batch.seq, found=head)
