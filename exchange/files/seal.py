"""The provider's step: a mounted file or folder into a sealed batch."""

from exchange import columns, ledger
from exchange.audit import Details
from exchange.envelope.header import Label
from exchange.envelope.seal import Sealed, Sealer
from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.report import report_of
from exchange.files.source import Look, look
from exchange.keys.trust import BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.provider import send
from exchange.spool import name_of
from metadata.quality import CheckReport
from standards.crypto import digest_hex


def seal(node: Node, batch: Batch) -> Batch:
    """due -> sealed: index, check and seal in one step; the seal is given up when the source changes meanwhile.

    Raises as ``exchange.files.source.look``, and ``QUALITY_FAILED`` for a folder with no file in it, which is what an
    unmounted share looks like.
    """
    trust = node.trust()
    grant = send.admit(trust, node, batch)
    send.own_signer(node, trust, grant)
    with node.engine.connect() as connection:
        previous = ledger.before(connection, batch)
    previous_digest = "" if previous is None else previous.digest
    with look(node.settings.served_folder, grant) as seen:
        node.failpoints.reach("seal.indexed")
        report = report_of(batch, seen.index, "source")
        if report.passed < report.run:
            raise ExchangeError("QUALITY_FAILED", rules="row_count")
        node.spool.require_space(seen.index.total_bytes)
        sealed = _write(node, batch, grant, trust, seen, report, previous_digest)
    files = len(seen.index.files)
    details: Details = {"rows": files, "set_aside": 0, "digest": sealed.digest, "size_bytes": sealed.size_bytes}
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
            rows=files,
            set_aside=0,
            checks_run=report.run,
            checks_passed=report.passed,
            report=report.to_bytes(),
            previous_digest=previous_digest,
            sealed_at=node.now(),
        )
    node.failpoints.reach("seal.after_commit")
    node.spool.keep_only(batch.route_id, batch.seq, sealed.digest)
    return moved


def _write(
    node: Node,
    batch: Batch,
    grant: BoundGrant,
    trust: TrustSet,
    seen: Look,
    report: CheckReport,
    previous_digest: str,
) -> Sealed:
    label = Label(
        suite=grant.minimum_suite,
        route_id=batch.route_id,
        seq=batch.seq,
        previous_digest=previous_digest,
        schema_digest=columns.schema_digest(grant),
        grant_id=grant.grant_id,
        content="files",
        kind="full",
    )
    data, files = indexes.write(seen.index), len(seen.index.files)
    with node.spool.part(batch.route_id, batch.seq, batch.lease_epoch) as part:
        recipients = trust.recipients(grant, grant.minimum_suite)
        with Sealer(label, recipients, send.own_signer(node, trust, grant), part.write) as sealer:
            node.failpoints.reach("seal.begun")
            sealer.write(len(data).to_bytes(4, "big"))
            sealer.write(data)
            seen.stream(sealer.write)
            node.failpoints.reach("seal.copied")
            sealed = sealer.finish(files, digest_hex(report.to_bytes()), 0, (), target_rows=files)
        part.keep(name_of(batch.route_id, batch.seq, sealed.digest))
    return sealed
