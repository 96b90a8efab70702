"""The consumer's part: it answers with its total, its branches, its rows' digests, and signs a result that is true."""

from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.reconcile import chain, differences, digests, ends, sessions, tree
from exchange.reconcile.classify import Difference
from exchange.reconcile.messages import (
    Ask,
    Assent,
    Branches,
    LeafSums,
    Message,
    Refuse,
    Rows,
    Verdict,
    leaves_of,
    unseal,
    write,
)
from exchange.reconcile.result import facts
from exchange.reconcile.sessions import Session
from exchange.reconcile.work import Secret, Work
from metadata.errors import MetadataError
from metadata.reconciliation import KIND, Reconciliation
from metadata.signed import Signed
from standards.crypto import WrappingKey


def answer(node: Node, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """A new session -> answered. A target that stands at another batch, or other batches, end it with the reason.

    Raises ``RECONCILE_WAITING`` while the target has not come to that batch yet: the message waits.
    """
    asked = unseal(message, node.keys.decryption.get(message.key_id), Ask)
    if asked.grant_id != grant.grant_id:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="another grant")
    secret = Secret(session_key=asked.session_key, reply_public=asked.reply_public)
    work, code = None, ""
    try:
        work = _looked(node, grant, asked, secret)
    except ExchangeError as error:
        if error.is_transient:
            raise ExchangeError("RECONCILE_WAITING", seq=asked.seq) from None
        code = error.code
    reply = write(
        node,
        message.route_id,
        message.session_id,
        message.number + 1,
        "branches" if work else "refuse",
        message.from_node_id,
        _reply_key(secret),
        _branches(asked, work) if work else Refuse(code=code),
    )
    now, outcome = node.now(), "done" if work else "abandoned"
    node.failpoints.reach("reconcile.answered")
    with node.engine.begin() as connection:
        sessions.overtake(
            connection,
            message.route_id,
            lambda earlier: node.entry("reconcile:abandon", earlier, outcome="abandoned", code="RECONCILE_OVERTAKEN"),
            now,
        )
        sessions.add(
            connection,
            node.entry("reconcile:answer", f"{message.route_id}/{asked.seq}", outcome=outcome, code=code),
            signed,
            reply,
            message.number + 1,
            session_id=message.session_id,
            route_id=message.route_id,
            role="consumer",
            grant_id=grant.grant_id,
            seq=asked.seq,
            state="answered" if work else "abandoned",
            code=code,
            secret=secret.to_bytes() if work else b"",
            work=work.to_bytes() if work else b"",
            created_at=now,
            updated_at=now,
        )


def _looked(node: Node, grant: BoundGrant, asked: Ask, secret: Secret) -> Work:
    """Our leaves at the batch that is asked about. Raises what ``at_target`` raises, and ``RECONCILE_CHAIN_OTHER``."""
    looked_at = node.now()
    with ends.at_target(node, grant, asked.seq) as look:
        found = digests.leaves(look.cursor, look.compared, secret.key)
    with node.engine.connect() as connection:
        batches = chain.delivered(connection, grant.route_id, asked.seq)
    if chain.digest_of(batches) != asked.chain_digest or len(batches) != asked.batches:
        raise ExchangeError("RECONCILE_CHAIN_OTHER")
    return Work(
        leaves=Work.packed(found),
        looked_at=looked_at,
        batches=asked.batches,
        chain_digest=asked.chain_digest,
        relay=chain.relay_word(node, node.trust(), batches),
        other_root=asked.root,
    )


def _branches(asked: Ask, work: Work) -> Branches:
    ours = work.unpacked()
    root = tree.root(ours)
    parts = () if root == asked.root else tuple(tree.branches(ours))
    return Branches(root=root, branches=parts, looked_at=work.looked_at, relay=work.relay)


def leaves(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """answered -> listed: which leaves differ, and the digests of our rows in the first of them."""
    secret, work = _opened(session)
    content = unseal(message, node.keys.decryption.get(message.key_id), LeafSums)
    said, ours = leaves_of(content), work.unpacked()
    numbers = _differing(content, said, ours, work)
    examined = tree.bounded(numbers, ours, said, LIMITS.reconcile_rows)
    with ends.at_target(node, grant, session.seq) as look:
        found = digests.entries(look.cursor, look.compared, secret.key, examined)
    answered = Rows(
        differing=tuple((number, *ours.get(number, tree.NONE)) for number in numbers),
        examined=tuple(examined),
        rows=tuple((entry.key, entry.image, entry.rows, entry.touched) for entry in found),
    )
    reply = write(
        node,
        session.route_id,
        session.session_id,
        message.number + 1,
        "rows",
        message.from_node_id,
        _reply_key(secret),
        answered,
    )
    work = work.but(differing=len(numbers), examined=tuple(examined))
    node.failpoints.reach("reconcile.listed")
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "listed",
            node.entry("reconcile:list", session.subject, details={"leaves": len(examined), "rows": len(found)}),
            node.now(),
            incoming=(message.number, signed),
            outgoing=(message.number + 1, reply),
            work=work.to_bytes(),
        )


def verdict(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """answered, listed -> agreed: the result says of us what we said; our list of what differs; our signature."""
    secret, work = _opened(session)
    said = unseal(message, node.keys.decryption.get(message.key_id), Verdict)
    result = _true_result(node, session, secret, work, message, said)
    found = [Difference(key, kind, rows) for key, kind, rows in said.listed]
    named: dict[str, str] = {}
    if found:
        with ends.at_target(node, grant, session.seq) as look:
            named = digests.keys(look.cursor, look.compared, secret.key, [item.key for item in found])
    differences.keep(node, session.route_id, session.session_id, found, named)
    own = Signed.sign(KIND, result, node.keys.identity)
    both = said.result.model_copy(update={"signatures": said.result.signatures[:1] + own.signatures})
    reply = write(
        node,
        session.route_id,
        session.session_id,
        message.number + 1,
        "assent",
        message.from_node_id,
        _reply_key(secret),
        Assent(result=own),
    )
    node.failpoints.reach("reconcile.agreed")
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "agreed",
            node.entry("reconcile:agree", session.subject, details=facts(both)),
            node.now(),
            incoming=(message.number, signed),
            outgoing=(message.number + 1, reply),
            result=both.to_bytes(),
        )


def refuse(node: Node, session: Session, signed: Signed, message: Message, code: str) -> None:
    """answered, listed -> abandoned, and the provider is told why."""
    secret, _ = _opened(session)
    reply = write(
        node,
        session.route_id,
        session.session_id,
        message.number + 1,
        "refuse",
        message.from_node_id,
        _reply_key(secret),
        Refuse(code=code),
    )
    with node.engine.begin() as connection:
        sessions.move(
            connection,
            session,
            "abandoned",
            node.entry("reconcile:abandon", session.subject, outcome="abandoned", code=code),
            node.now(),
            incoming=(message.number, signed),
            outgoing=(message.number + 1, reply),
            code=code,
        )


def _true_result(
    node: Node, session: Session, secret: Secret, work: Work, message: Message, said: Verdict
) -> Reconciliation:
    """The result, if it is the provider's word and true as far as we know. Raises ``RECONCILE_RESULT_BAD``."""
    trust = node.trust()
    try:
        result = said.result.open(KIND, Reconciliation, lambda key_id: trust.identity(message.from_node_id, key_id))
    except MetadataError as error:
        raise ExchangeError("RECONCILE_RESULT_BAD", what=error.en) from None
    own = tree.root(work.unpacked())
    counts = {"missing": 0, "extra": 0, "different": 0, "pending": 0}
    for _, kind, rows in said.listed:
        counts[kind] += rows
    known = {
        "session_id": session.session_id,
        "route_id": session.route_id,
        "grant_id": session.grant_id,
        "seq": session.seq,
        "provider_node_id": message.from_node_id,
        "consumer_node_id": node.node_id,
        "provider_rows": work.other_root[0],
        "consumer_rows": own[0],
        "provider_digest": tree.digest_of(secret.key, work.other_root),
        "consumer_digest": tree.digest_of(secret.key, own),
        "consumer_looked_at": work.looked_at,
        "batches": work.batches,
        "chain_digest": work.chain_digest,
        "relay_by_consumer": work.relay,
        "segments_differing": work.differing,
        "segments_examined": len(work.examined),
        **counts,
    }
    for name, value in known.items():
        if getattr(result, name) != value:
            raise ExchangeError("RECONCILE_RESULT_BAD", what=name)
    if result.to_bytes() != said.result.payload_bytes():
        raise ExchangeError("RECONCILE_RESULT_BAD", what="another spelling")
    return result


def _differing(content: LeafSums, said: tree.Leaves, ours: tree.Leaves, work: Work) -> list[int]:
    """The leaves that differ. Raises ``RECONCILE_MESSAGE_BAD`` when what is named does not make up the total asked."""
    asked = set(content.branches)
    rest = [ours[leaf] for leaf in ours if leaf // tree.FAN not in asked]
    if tree.total([*said.values(), *rest]) != work.other_root or any(leaf // tree.FAN not in asked for leaf in said):
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="the leaves are not those of the total")
    numbers = [leaf for branch in sorted(asked) for leaf in tree.leaves_of(branch)]
    return [leaf for leaf in numbers if said.get(leaf, tree.NONE) != ours.get(leaf, tree.NONE)]


def _opened(session: Session) -> tuple[Secret, Work]:
    return Secret.from_bytes(session.secret), Work.from_bytes(session.work)


def _reply_key(secret: Secret) -> WrappingKey:
    return WrappingKey(bytes.fromhex(secret.reply_public))
