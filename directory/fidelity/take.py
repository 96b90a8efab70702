"""Take fidelity certificates from a node: of routes it provides, borne out by grant and proof, each once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access.queries import ends_of, grant_row
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.fidelity.models import CertificateRow
from directory.nodes.queries import Signer, signer
from metadata.access import Grant
from metadata.fidelity import KIND, FidelityCertificate
from metadata.keys import AnyVerifyingKey
from metadata.reconciliation import KIND as RESULT
from metadata.reconciliation import Reconciliation
from metadata.signed import Signed


def take(session: Session, caller: Signer, statements: Sequence[Signed], now: datetime) -> int:
    """Keep the certificates, all or none; how many were new.

    Each must hold under the key of the route's provider, who brings it, and its proof under those of both ends; and it
    must say what the grant and the proof say. Raises ``MetadataError SIGNATURE_BAD``, ``ROUTE_UNKNOWN``,
    ``GRANT_NOT_FOUND``, ``NOT_AN_END`` and ``CERTIFICATE_BAD``.
    """
    return sum(_take(session, caller, statement, now) for statement in statements)


def _take(session: Session, caller: Signer, statement: Signed, now: datetime) -> bool:
    claimed = FidelityCertificate.from_bytes(statement.payload_bytes())  # to learn whose keys must hold
    ends = ends_of(session, claimed.route_id)
    if caller.node_id != ends.provider_node:
        raise DirectoryError("NOT_AN_END", node_id=caller.node_id, route_id=claimed.route_id)
    at = Reconciliation.from_bytes(claimed.proof.payload_bytes()).at
    if at.tzinfo is None:
        raise DirectoryError("CERTIFICATE_BAD", reason="对账时间没有时区", reason_en="its time has no zone")
    found = statement.open(KIND, FidelityCertificate, lambda key_id: _key(caller, key_id, at))
    for node_id in ends:
        speaker = signer(session, node_id)
        if speaker is None:
            raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
        keys = {item.key_id: _key(speaker, item.key_id, at) for item in found.proof.signatures}
        proof = found.proof.open(RESULT, Reconciliation, keys.get)
    row = grant_row(session, found.grant_id)
    grant = Grant.from_bytes(Signed.from_bytes(row.body).payload_bytes())
    _require_borne_out(found, grant, row.digest, proof)
    inserted = session.execute(
        insert(CertificateRow)
        .values(
            session_id=proof.session_id,
            route_id=found.route_id,
            resource_identifier=found.resource_identifier,
            resource_version=found.resource_version,
            body=statement.to_bytes(),
            compared_at=found.compared_at,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CertificateRow.session_id)
    ).one_or_none()
    if inserted is None:
        return False
    details = {"version": found.resource_version, "columns": len(found.columns), "rows": found.rows}
    record(session, caller.node_id, "fidelity:take", f"{found.route_id}/{found.seq}", details=details)
    return True


def _key(speaker: Signer, key_id: str, at: datetime) -> AnyVerifyingKey | None:
    """The key with this id if it counted when the rows were compared, or does now."""
    return speaker.witness(key_id, at) or speaker.key_of(key_id)


def _require_borne_out(found: FidelityCertificate, grant: Grant, grant_digest: str, proof: Reconciliation) -> None:
    """Not a word in it but what the grant allows and both ends have signed."""
    ends = (grant.provider.node_id, grant.consumer.node_id)
    if (proof.grant_id, proof.route_id, proof.provider_node_id, proof.consumer_node_id) != (
        grant.grant_id,
        grant.route_id,
        *ends,
    ):
        raise DirectoryError(
            "CERTIFICATE_BAD",
            reason="所附对账结果属于另一份授权",
            reason_en="the reconciliation with it is of another grant",
        )
    if proof.outcome != "equal" or proof.provider_rows == 0:
        raise DirectoryError(
            "CERTIFICATE_BAD",
            reason="所附对账结果不是非空且一致",
            reason_en="the reconciliation with it is empty or does not say equal",
        )
    items = {item.field for item in grant.items}
    granted = [(each.field, each.column, each.sql_type) for each in grant.columns if each.field in items]
    said = (
        (found.resource_identifier, found.resource_code, found.resource_version, found.grant_digest, found.route_id),
        (found.provider_node_id, found.consumer_node_id, found.seq, found.rows, found.compared_at),
        [(each.field, each.column, each.sql_type) for each in found.columns],
    )
    borne_out = (
        (grant.resource_identifier, grant.resource_code, grant.resource_version, grant_digest, grant.route_id),
        (*ends, proof.seq, proof.provider_rows, proof.at),
        granted,
    )
    if said != borne_out:
        raise DirectoryError(
            "CERTIFICATE_BAD",
            reason="内容与授权及对账结果不符",
            reason_en="it says other than the grant and the reconciliation",
        )
