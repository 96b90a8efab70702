"""The provider's own node confirms a grant, after a person there has confirmed its digest (DESIGN §7)."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import audit
from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.store import COUNTERSIGNATURE
from metadata.access import Countersignature, Countersigned, Grant
from metadata.signed import Signed


@dataclass(frozen=True)
class Pending:
    """A grant that waits for this node's word: what it says, and the digest to confirm."""

    grant: Grant
    digest: str


def pending(node: Node) -> list[Pending]:
    """Grants of this provider that are issued, not ended, and not countersigned here yet."""
    trust = node.trust()
    with node.engine.connect() as connection:
        done = set(connection.scalars(select(COUNTERSIGNATURE.c.grant_id)))
    return [
        Pending(facts.grant, facts.digest)
        for facts in trust.grants.values()
        if facts.notice.provider.node_id == node.node_id
        and not facts.is_countersigned
        and facts.state != "terminated"
        and facts.grant.grant_id not in done
    ]


def countersign(node: Node, grant_id: str, digest: str, confirmed_by: str) -> Signed:
    """Sign for a grant whose digest a person has confirmed, keep it, and send it. Again: the same, sent again if it
    was not.

    Raises ``GRANT_UNKNOWN``, ``NOT_PROVIDER``, ``GRANT_DIGEST_OTHER``; ``DIRECTORY_DOWN`` after it is kept, and then
    ``sync`` sends it.
    """
    trust = node.trust()
    trust.require_fresh(node.now())
    facts = trust.grants.get(grant_id)
    if facts is None:
        raise ExchangeError("GRANT_UNKNOWN", grant_id=grant_id)
    if facts.notice.provider.node_id != node.node_id:
        raise ExchangeError("NOT_PROVIDER", grant_id=grant_id)
    if facts.digest != digest:
        raise ExchangeError("GRANT_DIGEST_OTHER", grant_id=grant_id, found=facts.digest)
    word = Countersignature(grant_id=grant_id, grant_digest=digest, node_id=node.node_id, confirmed_at=node.now())
    body = Signed.sign("countersignature/1", word, node.keys.identity).to_bytes()
    entry = node.entry("grant:countersign", grant_id, actor=confirmed_by, details={"digest": digest})
    with node.engine.begin() as connection:
        made = connection.execute(
            upsert(COUNTERSIGNATURE)
            .values(grant_id=grant_id, body=body, confirmed_by=confirmed_by, created_at=node.now())
            .on_conflict_do_nothing()
            .returning(COUNTERSIGNATURE.c.grant_id)
        ).one_or_none()
        if made is not None:
            audit.enqueue(connection, entry)
        kept = connection.scalar(select(COUNTERSIGNATURE.c.body).where(COUNTERSIGNATURE.c.grant_id == grant_id))
    send_waiting(node)
    return Signed.from_bytes(bytes(kept or body))


def send_waiting(node: Node) -> int:
    """Send the countersignatures that the directory has not taken yet; returns how many."""
    with node.engine.connect() as connection:
        rows = connection.execute(select(COUNTERSIGNATURE).where(COUNTERSIGNATURE.c.sent_at.is_(None))).all()
    for row in rows:
        word = _by_the_key_in_use(node, Signed.from_bytes(bytes(row.body)))
        node.directory.countersign(row.grant_id, Countersigned(countersignature=word, confirmed_by=row.confirmed_by))
        with node.engine.begin() as connection:
            connection.execute(
                update(COUNTERSIGNATURE).where(COUNTERSIGNATURE.c.grant_id == row.grant_id).values(sent_at=node.now())
            )
    return len(rows)


def _by_the_key_in_use(node: Node, kept: Signed) -> Signed:
    """The same word signed anew when our key was replaced before it was sent: the feed takes only the newest."""
    key = node.keys.identity
    if kept.signatures[0].key_id == key.key_id:
        return kept
    return Signed.sign(kept.kind, Countersignature.from_bytes(kept.payload_bytes()), key)
