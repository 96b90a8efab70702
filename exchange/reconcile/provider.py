"""The provider's part: it asks, walks down the tree where totals differ, judges, and keeps what both have signed."""

from sqlalchemy import inspect, text

from exchange import fidelity, ledger
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.node import Node
from exchange.plan import current_grant
from exchange.reconcile import chain, claims, differences, digests, ends, sessions, tree
from exchange.reconcile.classify import Difference, classify
from exchange.reconcile.messages import (
    Ask,
    Assent,
    Branches,
    Message,
    Rows,
    Verdict,
    Wraps,
    differing_of,
    leaf_sums,
    rows_of,
    unseal,
    write,
)
from exchange.reconcile.result import facts, result_of
from exchange.reconcile.sessions import Session
from exchange.reconcile.work import Secret, Work
from metadata.errors import MetadataError
from metadata.reconciliation import KIND, Reconciliation
from metadata.signed import Signed
from standards.crypto import DecryptionKey, random_bytes

_SUITE = 1  # messages carry digests only and follow the control plane, whatever suite the route's batches have


def begin(node: Node, route_id: str) -> str:
    """Compare this route at its last closed batch; the session's id. What the consumer answers comes by turns.

    Raises ``RECONCILE_NOTHING`` before the first batch is closed, ``RECONCILE_UNDER_WAY`` while one is on its way,
    ``RECONCILE_TABLES_ONLY`` for files, ``RECONCILE_AT_PROVIDER`` at another node, and the grant's codes.
    """
    trust = node.trust()
    grant = current_grant(trust, route_id, node.now())
    if grant is None or grant.provider.node_id != node.node_id:
        raise ExchangeError("RECONCILE_AT_PROVIDER", route_id=route_id)
    if grant.kind != "table":
        raise ExchangeError("RECONCILE_TABLES_ONLY", route_id=route_id)
    with node.engine.connect() as connection:
        last = ledger.last(connection, route_id)
        batches = [] if last is None else chain.delivered(connection, route_id, last.seq)
    if last is None:
        raise ExchangeError("RECONCILE_NOTHING", route_id=route_id)
    if last.state != "closed":
        raise ExchangeError("RECONCILE_UNDER_WAY", route_id=route_id, seq=last.seq)
    session_id, secret = random_bytes(16).hex(), _new_secret()
    looked_at = node.now()
    with ends.at_source(node, grant, last.seq, snapshot_of(node, route_id, last.seq)) as look:
        leaves = digests.leaves(look.cursor, look.compared, secret.key)
        knows_changes = look.knows_touched
    work = Work(
        leaves=Work.packed(leaves),
        looked_at=looked_at,
        batches=len(batches),
        chain_digest=chain.digest_of(batches),
        relay=chain.relay_word(node, trust, batches),
        knows_changes=knows_changes,
    )
    ask = Ask(
        session_key=secret.session_key,
        reply_public=secret.reply_public,
        grant_id=grant.grant_id,
        seq=last.seq,
        root=tree.root(leaves),
        batches=work.batches,
        chain_digest=work.chain_digest,
    )
    key = trust.recipients(grant, _SUITE)[0]
    message = write(node, route_id, session_id, 1, "ask", grant.consumer.node_id, key, ask)
    now = node.now()
    node.failpoints.reach("reconcile.asked")
    with node.engine.begin() as connection:
        sessions.overtake(
            connection,
            route_id,
            lambda earlier: node.entry("reconcile:abandon", earlier, outcome="abandoned", code="RECONCILE_OVERTAKEN"),
            now,
        )
        sessions.add(
            connection,
            node.entry("reconcile:ask", f"{route_id}/{last.seq}", details={"session": session_id}),
            None,
            message,
            1,
            session_id=session_id,
            route_id=route_id,
            role="provider",
            grant_id=grant.grant_id,
            seq=last.seq,
            state="asked",
            secret=secret.to_bytes(),
            work=work.to_bytes(),
            created_at=now,
            updated_at=now,
        )
    return session_id


def branches(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """asked -> judged when the totals are equal, else -> walked: the leaves below the branches that differ."""
    secret, work = _opened(session)
    said = unseal(message, _reply_key(secret), Branches)
    leaves = work.unpacked()
    work = work.but(other_root=said.root, other_looked_at=said.looked_at, other_relay=said.relay)
    if said.root == tree.root(leaves):
        _judge(node, session, grant, signed, message, work, [])
        return
    if len(said.branches) != tree.BRANCHES or tree.total(said.branches) != said.root:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="the branches are not those of the total")
    work = work.but(other_branches=said.branches)
    wanted = tree.differing(tree.branches(leaves), said.branches)
    answer = write(
        node,
        session.route_id,
        session.session_id,
        message.number + 1,
        "leaves",
        message.from_node_id,
        _consumers_key(node, grant),
        leaf_sums(leaves, wanted),
    )
    node.failpoints.reach("reconcile.walked")
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "walked",
            node.entry("reconcile:walk", session.subject, details={"branches": len(wanted)}),
            node.now(),
            incoming=(message.number, signed),
            outgoing=(message.number + 1, answer),
            work=work.to_bytes(),
        )


def rows(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """walked -> judged: our rows of the same leaves, what differs, our own list of it, and the signed result.

    Raises ``RECONCILE_SUMS_BAD`` for rows that are not those of the consumer's own sums: a lie ends the session.
    """
    secret, work = _opened(session)
    said = unseal(message, _reply_key(secret), Rows)
    differing, theirs = differing_of(said), rows_of(said)
    claims.require(work.other_branches, work.unpacked(), differing, said.examined)
    claims.require_rows(differing, said.examined, theirs)
    _require_still(node, session)
    with ends.at_source(node, grant, session.seq, snapshot_of(node, session.route_id, session.seq)) as look:
        ours = digests.entries(look.cursor, look.compared, secret.key, said.examined)
        found = classify(ours, theirs)
        named = digests.keys(look.cursor, look.compared, secret.key, [item.key for item in found])
    differences.keep(node, session.route_id, session.session_id, found, named)
    work = work.but(differing=len(differing), examined=said.examined)
    _judge(node, session, grant, signed, message, work, found)


def assent(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """judged -> closed: the consumer has signed the very same result. Equal rows certify the resource's version."""
    secret, _work = _opened(session)
    said = unseal(message, _reply_key(secret), Assent)
    own = session.signed()
    trust = node.trust()
    try:
        if own is None or said.result.payload != own.payload:
            raise ExchangeError("RECONCILE_RESULT_BAD", what="the consumer signed another result")
        said.result.open(KIND, Reconciliation, lambda key_id: trust.identity(message.from_node_id, key_id))
    except MetadataError as error:
        raise ExchangeError("RECONCILE_RESULT_BAD", what=error.en) from None
    both = own.model_copy(update={"signatures": own.signatures + said.result.signatures[:1]})
    node.failpoints.reach("reconcile.closed")
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "closed",
            node.entry("reconcile:close", session.subject, details=facts(both)),
            node.now(),
            incoming=(message.number, signed),
            result=both.to_bytes(),
        )
        fidelity.certify(connection, node, grant, trust.grants[grant.grant_id].digest, both)


def snapshot_of(node: Node, route_id: str, seq: int) -> str:
    """The source snapshot in which a batch was read, as ``pg_snapshot`` text; empty when it was not kept."""
    with node.engine.connect() as connection:
        if not inspect(connection).has_table("source_state"):
            return ""
        found = connection.scalar(
            text("SELECT snapshot FROM source_state WHERE route_id = :route_id AND seq = :seq"),
            {"route_id": route_id, "seq": seq},
        )
    return str(found or "")


def _judge(
    node: Node,
    session: Session,
    grant: BoundGrant,
    signed: Signed,
    message: Message,
    work: Work,
    found: list[Difference],
) -> None:
    secret, _ = _opened(session)
    result = Signed.sign(KIND, result_of(node, session, secret, work, message, found), node.keys.identity)
    verdict = Verdict(result=result, listed=tuple((item.key, item.kind, item.rows) for item in found))
    answer = write(
        node,
        session.route_id,
        session.session_id,
        message.number + 1,
        "verdict",
        message.from_node_id,
        _consumers_key(node, grant),
        verdict,
    )
    if not found:
        differences.keep(node, session.route_id, session.session_id, [], {})
    node.failpoints.reach("reconcile.judged")
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "judged",
            node.entry("reconcile:judge", session.subject, details=facts(result)),
            node.now(),
            incoming=(message.number, signed),
            outgoing=(message.number + 1, answer),
            work=work.to_bytes(),
            result=result.to_bytes(),
        )


def _require_still(node: Node, session: Session) -> None:
    """Raises ``RECONCILE_NOT_AT_SEQ`` when a batch was begun since: the rows to compare are no longer those."""
    with node.engine.connect() as connection:
        last = ledger.last(connection, session.route_id)
    if last is None or last.seq != session.seq:
        raise ExchangeError("RECONCILE_NOT_AT_SEQ", found=0 if last is None else last.seq, seq=session.seq)


def _new_secret() -> Secret:
    reply = DecryptionKey.generate()
    return Secret(
        session_key=random_bytes(32).hex(),
        reply_pem=reply.to_pem().decode("ascii"),
        reply_public=reply.wrapping.public.hex(),
    )


def _opened(session: Session) -> tuple[Secret, Work]:
    return Secret.from_bytes(session.secret), Work.from_bytes(session.work)


def _reply_key(secret: Secret) -> DecryptionKey:
    return DecryptionKey.from_pem(secret.reply_pem.encode("ascii"))


def _consumers_key(node: Node, grant: BoundGrant) -> Wraps:
    return node.trust().recipients(grant, _SUITE)[0]
