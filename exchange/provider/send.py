"""The provider's steps: seal, store, close."""

import contextlib
from collections.abc import Sequence
from functools import partial

from exchange import department, instants, ledger, receipts
from exchange.errors import ExchangeError
from exchange.instants import blaming
from exchange.keys.keystore import AnySigningKey
from exchange.keys.trust import BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.peers.relay_client import Announced
from exchange.ports import Checker
from exchange.provider import change_table, publish, sealing, source, source_state
from exchange.provider.replacement import follow, over, replace_at_once, supersede
from metadata.errors import MetadataError
from metadata.exchange import InstantMember, Manifest
from metadata.signed import Signed


def seal(node: Node, batches: Sequence[Batch], checker: Checker) -> tuple[Batch, ...]:
    """due -> sealed: extract, check and seal in one step over one exported snapshot; no plaintext file is ever written.

    Of all members of an instant, or of one batch that is of none; what keeps one back keeps back all, and is raised as
    ``MemberError``. Committing binds sequence, spool file and digest. A retry before that starts over; what it left is
    swept.
    """
    trust, grants = node.trust(), []
    if len(batches) == 1:
        batches = [follow(node, trust, batches[0])]
    for batch in batches:
        with blaming(batch):
            instants.require_whole(node, batches)
            grants.append(admit(trust, node, batch))
    routes = tuple(batch.route_id for batch in batches) if len(batches) > 1 else ()
    if any(grant.snapshot_group != routes for grant in grants):
        raise ExchangeError("INSTANT_CHANGED")
    tables = [(grant, partial(blaming, batch)) for batch, grant in zip(batches, grants, strict=True)]
    with source.snapshots(node.settings.department_url, tables) as taken:
        made: list[sealing.Sealing] = []
        for batch, grant, seen in zip(batches, grants, taken, strict=True):
            if made:
                node.failpoints.reach("seal.one_of_several")
            with blaming(batch), department.faults("source", f"{grant.schema_name}.{grant.table}"):
                made.append(sealing.write(node, batch, grant, trust, own_signer(node, trust, grant), seen, checker))
    for each in made:
        sealing.note(node, each)
    node.failpoints.reach("seal.before_commit")
    with node.engine.begin() as connection:
        moved = tuple(sealing.commit(connection, node, each) for each in made)
    node.failpoints.reach("seal.after_commit")
    for batch in moved:
        node.spool.keep_only(batch.route_id, batch.seq, batch.digest)
    return moved


def store(node: Node, batch: Batch) -> Batch:
    """sealed -> stored: segments to the relay, each by its digest, then the signed announcement, then its receipt. If
    another grant has taken the place of its own: -> quarantined and replaced if it has not left (``supersede``), or
    -> stored if it has and only the relay's answer was lost.

    Every call may be repeated: objects are named by content, and announcing the same again gives the same receipt.
    """
    trust = node.trust()
    why = over(node, trust, batch)
    if why is not None:
        gone = publish.listed(node, batch)
        moved = supersede(node, trust, batch, why) if gone is None else _recognised(node, trust, batch, gone)
        if moved is not None:
            return moved
    grant = admit(trust, node, batch)
    segments = publish.upload(node, batch)
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
        instant=_instant(node, batch),
        created_at=batch.sealed_at or node.now(),
    )
    signed = Signed.sign("manifest/1", manifest, node.keys.identity)
    return _stored(node, trust, batch, signed, len(segments), publish.announce(node, batch, signed))


def _recognised(node: Node, trust: TrustSet, batch: Batch, gone: Announced) -> Batch | None:
    """-> stored: the relay lists this very batch, as we announced it, with its receipt. Nothing is sent, so that no
    grant is needed: the consumer says what becomes of it. None where something else of ours stands there.
    """
    keys = {key.key_id: key for key in trust.identities(node.node_id)}
    try:
        manifest = gone.manifest.open("manifest/1", Manifest, keys.get)
    except MetadataError:
        return None
    same = (manifest.route_id, manifest.seq, manifest.digest, manifest.grant_id)
    if same != (batch.route_id, batch.seq, batch.digest, batch.grant_id):
        return None
    return _stored(node, trust, batch, gone.manifest, len(manifest.segments), gone.stored)


def _stored(node: Node, trust: TrustSet, batch: Batch, manifest: Signed, segments: int, stored: Signed) -> Batch:
    """With the relay's receipt. Raises ``RECEIPT_BAD``."""
    receipts.open_stored(trust, batch, stored, batch.digest)
    node.failpoints.reach("store.before_commit")
    entry = node.entry("batch:store", batch.subject, details={"digest": batch.digest, "segments": segments})
    with node.engine.begin() as connection:
        receipts.keep(connection, batch, stored, "stored", None, is_own=False, now=node.now())
        return ledger.move(connection, batch, "stored", entry, node.now(), manifest=manifest.to_bytes())


def close(node: Node, batch: Batch) -> Batch:
    """stored -> closed on the consumer's valid ``applied``, or -> quarantined on its ``refused``; else it waits."""
    trust = node.trust()
    said = {}
    for signed in node.relay.receipts(batch.route_id, batch.seq):
        heard = receipts.open_consumers(node, trust, batch, signed)
        kind = heard.receipt.kind
        said[kind] = heard.contents
        with node.engine.begin() as connection:
            receipts.keep(connection, batch, signed, kind, heard.contents, is_own=False, now=node.now())
    if "applied" in said:
        return _closed(node, batch, said["applied"].changed_rows)
    if "refused" in said:
        return _refused(node, trust, batch, said["refused"].code)
    if not said:
        publish.require_listed(node, batch)
    raise ExchangeError("WAITING_FOR_RECEIPT")


def _closed(node: Node, batch: Batch, changed_rows: int | None) -> Batch:
    """What the target holds now is what the next batch builds on; what lies before that is not needed any more."""
    node.failpoints.reach("close.before_commit")
    entry = node.entry("batch:close", batch.subject, details={"changed_rows": changed_rows})
    with node.engine.begin() as connection:
        closed = ledger.move(connection, batch, "closed", entry, node.now(), changed_rows=changed_rows)
        earlier = ledger.before(connection, batch)
        seen = source_state.forget_before(connection, batch)
        horizon = None if seen is None else source_state.horizon(connection, *seen, node.now())
    if earlier is not None and earlier.state == "closed":  # the newest closed one is kept, those before it are not
        node.spool.forget(earlier.route_id, earlier.seq)
    if seen is not None and horizon is not None:
        with contextlib.suppress(ExchangeError):  # the next close prunes too
            change_table.prune(node.settings.department_url, *seen, horizon)
    return closed


def _refused(node: Node, trust: TrustSet, batch: Batch, code: str) -> Batch:
    """Quarantined; where nobody needs to decide anything it is replaced at once by all rows."""
    error = ExchangeError("REFUSED_BY_CONSUMER", refusal=code)
    entry = node.entry("batch:refuse", batch.subject, outcome="quarantined", code=code)
    with node.engine.begin() as connection:
        moved = ledger.move(
            connection,
            batch,
            "quarantined",
            entry,
            node.now(),
            code=code or error.code,
            explanation_zh=error.zh,
            next_step=error.next_step,
        )
        replace_at_once(connection, node, trust, moved)
    return moved


def _instant(node: Node, batch: Batch) -> tuple[InstantMember, ...]:
    """Every member by its sealed digest; nothing for a batch of no instant."""
    with node.engine.connect() as connection:
        found = [ledger.find(connection, *place) for place in instants.members(connection, batch)]
    if len(found) < 2:
        return ()
    return tuple(InstantMember(route_id=each.route_id, seq=each.seq, digest=each.digest) for each in found)


def admit(trust: TrustSet, node: Node, batch: Batch) -> BoundGrant:
    """The batch's grant in force, and for this very route. Raises the code that says why not."""
    grant = trust.admit(batch.grant_id, node.now())
    if grant.route_id != batch.route_id:
        raise ExchangeError("GRANT_OTHER_ROUTE", grant_id=batch.grant_id, route_id=batch.route_id)
    return grant


def own_signer(node: Node, trust: TrustSet, grant: BoundGrant) -> AnySigningKey:
    """This node's key of the grant's suite, which must be one that the grant admits. Raises ``SIGNER_REVOKED``.

    So nobody else's countersignature, in a history that only this node was shown, makes it send (DESIGN §7).
    """
    key = node.keys.signer(grant.minimum_suite)
    if key.key_id not in {each.key_id for each in trust.signers(grant, grant.minimum_suite)}:
        raise ExchangeError("SIGNER_REVOKED", node_id=node.node_id)
    return key
