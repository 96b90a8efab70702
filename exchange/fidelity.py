"""Fidelity certificates: made by the provider's node from a reconciliation that found the two ends equal, kept, shown.

Everything a certificate says follows from the grant and from the result that both nodes have signed; ``verify``
derives it anew and takes nothing on anybody's word, not even its maker's.
"""

from collections.abc import Collection
from functools import partial

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import audit, columns
from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.node import Node
from exchange.plan import current_grant
from exchange.store import FIDELITY
from metadata.access import Grant
from metadata.errors import MetadataError
from metadata.fidelity import KIND, CertifiedColumn, FidelityCertificate
from metadata.reconciliation import KIND as RESULT
from metadata.reconciliation import Reconciliation
from metadata.signed import Signed, Verifies


def certify(connection: Connection, node: Node, grant: Grant, grant_digest: str, result: Signed) -> None:
    """Keep a certificate if this result, signed by both ends, proves one and the version has none yet.

    Equal totals over at least one row prove it. The transaction is the caller's.
    """
    said = Reconciliation.from_bytes(result.payload_bytes())
    if said.outcome != "equal" or said.provider_rows == 0:
        return
    found = _derived(grant, grant_digest, said, result)
    made = connection.scalar(
        upsert(FIDELITY)
        .values(
            route_id=found.route_id,
            resource_version=found.resource_version,
            schema_digest=found.schema_digest,
            body=Signed.sign(KIND, found, node.keys.identity).to_bytes(),
            created_at=node.now(),
        )
        .on_conflict_do_nothing()
        .returning(FIDELITY.c.route_id)
    )
    if made is None:
        return
    details = {"version": found.resource_version, "columns": len(found.columns), "rows": found.rows}
    entry = node.entry("fidelity:certify", f"{found.route_id}/{found.seq}", details=details)
    audit.enqueue(connection, entry)


def kept(node: Node, route_id: str = "") -> list[FidelityCertificate]:
    """This node's certificates, of one route or all, by route and age; each verified. Raises ``FIDELITY_BAD``."""
    statement = select(FIDELITY.c.body).order_by(FIDELITY.c.route_id, FIDELITY.c.created_at)
    if route_id:
        statement = statement.where(FIDELITY.c.route_id == route_id)
    with node.engine.connect() as connection:
        bodies = [bytes(body) for body in connection.scalars(statement)]
    trust = node.trust()
    return [verify(trust, body) for body in bodies]


def signed_of(connection: Connection, route_ids: Collection[str]) -> list[Signed]:
    """The certificates of these routes as this node has signed them, for the directory."""
    bodies = connection.scalars(select(FIDELITY.c.body).where(FIDELITY.c.route_id.in_(route_ids)))
    return [Signed.from_bytes(bytes(body)) for body in bodies]


def wanting(node: Node, route_id: str = "") -> list[Grant]:
    """Grants in force of tables that this node provides, of one route or all, whose version has no certificate yet."""
    trust, now = node.trust(), node.now()
    ours = [facts.notice.route_id for facts in trust.grants.values() if facts.is_end(node.node_id)]
    routes = {each for each in ours if route_id in ("", each)}
    in_force = [current_grant(trust, each, now) for each in sorted(routes)]
    with node.engine.connect() as connection:
        rows = connection.execute(select(FIDELITY.c.route_id, FIDELITY.c.resource_version, FIDELITY.c.schema_digest))
        certified = {tuple(row) for row in rows}
    return [
        grant
        for grant in in_force
        if grant is not None
        and (grant.provider.node_id, grant.kind) == (node.node_id, "table")
        and (grant.route_id, grant.resource_version, columns.schema_digest(grant)) not in certified
    ]


def verify(trust: TrustSet, body: bytes) -> FidelityCertificate:
    """Signed by its provider's node, its proof by both nodes, and not a word in it but what grant and proof give.

    Raises ``FIDELITY_BAD``.
    """
    try:
        signed = Signed.from_bytes(body)
        claimed = FidelityCertificate.from_bytes(signed.payload_bytes())
        facts = trust.grants.get(claimed.grant_id)
        if facts is None:
            raise ExchangeError("FIDELITY_BAD", reason="没有这份授权", reason_en="there is no such grant")
        grant, proof = facts.grant, claimed.proof
        said = Reconciliation.from_bytes(proof.payload_bytes())

        def key_of(node_id: str, key_id: str) -> Verifies | None:
            return trust.witness(node_id, key_id, said.at) or trust.identity(node_id, key_id)

        found = signed.open(KIND, FidelityCertificate, partial(key_of, grant.provider.node_id))
        for end in (grant.provider, grant.consumer):
            proof.open(RESULT, Reconciliation, partial(key_of, end.node_id))
    except MetadataError as error:
        raise ExchangeError("FIDELITY_BAD", reason=error.zh, reason_en=error.en) from None
    ends = (grant.grant_id, grant.route_id, grant.provider.node_id, grant.consumer.node_id)
    if (said.grant_id, said.route_id, said.provider_node_id, said.consumer_node_id) != ends:
        raise ExchangeError(
            "FIDELITY_BAD",
            reason="所附对账结果属于另一份授权",
            reason_en="the reconciliation with it is of another grant",
        )
    if said.outcome != "equal" or said.provider_rows == 0:
        raise ExchangeError(
            "FIDELITY_BAD",
            reason="所附对账结果不是非空且一致",
            reason_en="the reconciliation with it is empty or does not say equal",
        )
    if found != _derived(grant, facts.digest, said, proof):
        raise ExchangeError(
            "FIDELITY_BAD",
            reason="内容与授权及对账结果不符",
            reason_en="it says other than the grant and the reconciliation",
        )
    return found


def _derived(grant: Grant, grant_digest: str, said: Reconciliation, proof: Signed) -> FidelityCertificate:
    carried = "binary" if columns.content(grant) == "pg_copy_binary" else "text"
    return FidelityCertificate(
        resource_identifier=grant.resource_identifier,
        resource_code=grant.resource_code,
        resource_version=grant.resource_version,
        grant_id=grant.grant_id,
        grant_digest=grant_digest,
        route_id=grant.route_id,
        seq=said.seq,
        provider_node_id=said.provider_node_id,
        consumer_node_id=said.consumer_node_id,
        schema_digest=columns.schema_digest(grant),
        columns=tuple(
            CertifiedColumn(field=each.field, column=each.column, sql_type=each.sql_type, carried=carried)
            for each in columns.granted(grant)
        ),
        rows=said.provider_rows,
        compared_at=said.at,
        proof=proof,
    )
