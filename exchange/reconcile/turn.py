"""One turn of reconciliation at a node: hand over what waits, take what has come, and begin what the night asks for.

Messages of a route are dealt with in the relay's order. One that does not hold (altered, replayed, swapped, out of
place) is noted in the audit queue and passed over: it moves nothing. What the relay withholds ends with
``RECONCILE_SILENT`` after a day.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from exchange import audit, ledger
from exchange.errors import ExchangeError
from exchange.keys.trust import CIVIL_TIME, BoundGrant, TrustSet
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.peers.relay_client import Carried
from exchange.plan import current_grant, receiving
from exchange.reconcile import consumer, provider, sessions
from exchange.reconcile.messages import Message, Refuse, Step, Unwraps, read, unseal
from exchange.reconcile.sessions import ANSWERS, FINAL, Session
from exchange.reconcile.work import Secret
from metadata.errors import MetadataError
from metadata.signed import Signed
from standards.crypto import DecryptionKey

Handler = Callable[[Node, Session, BoundGrant, Signed, Message], None]

_HANDLERS: Mapping[tuple[str, Step], Handler] = {
    ("provider", "branches"): provider.branches,
    ("provider", "rows"): provider.rows,
    ("provider", "assent"): provider.assent,
    ("consumer", "leaves"): consumer.leaves,
    ("consumer", "verdict"): consumer.verdict,
}


def turn(node: Node, now: datetime, route_id: str = "") -> int:
    """Do all that can be done now, for one route or all; how many messages were dealt with.

    The relay is asked only about routes of which this node is an end. Raises the first trouble after all routes had
    their turn.
    """
    with node.engine.connect() as connection:
        under_way = sessions.under_way(connection)
    _give_up(node, under_way, now)
    failures: list[ExchangeError] = []
    done = 0
    ours = {session.route_id for session in under_way if session.role == "provider"}
    ours.update(receiving(node.trust(), node.node_id))
    routes = sorted(ours & {route_id} if route_id else ours)
    works: list[Callable[[], int]] = [
        lambda: _deliver(node),
        *(_taker(node, each) for each in routes),
        lambda: _deliver(node),
    ]
    for work in works:
        try:
            done += work()
        except ExchangeError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def nightly(node: Node, now: datetime) -> int:
    """Begin what is due since the last night, then a turn; how many messages were dealt with.

    Raises the first trouble after everything else was tried.
    """
    failure: ExchangeError | None = None
    for route_id in due(node, now):
        try:
            provider.begin(node, route_id)
        except ExchangeError as error:
            failure = failure or error
    done = turn(node, now)
    if failure is not None:
        raise failure
    return done


def settle(nodes: Sequence[Node], route_id: str) -> None:
    """Turns at these nodes until one round moves nothing: what the others must say is waited for no longer."""
    while sum(turn(node, node.now(), route_id) for node in nodes):
        pass


def at_rest(node: Node, now: datetime) -> list[Batch]:
    """The newest batch of each table route that this node provides, where it is closed and a grant in force."""
    trust = node.trust()
    with node.engine.connect() as connection:
        newest = {batch.route_id: batch for batch in ledger.batches(connection) if batch.role == "provider"}
    found = []
    for route_id, batch in sorted(newest.items()):
        grant = current_grant(trust, route_id, now)
        if batch.state == "closed" and grant is not None and grant.kind == "table":
            found.append(batch)
    return found


def due(node: Node, now: datetime) -> list[str]:
    """The routes at rest that have not been compared since the last night began."""
    night = now.astimezone(CIVIL_TIME).replace(hour=LIMITS.reconcile_hour, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    found = []
    for batch in at_rest(node, now):
        with node.engine.connect() as connection:
            last = sessions.newest(connection, batch.route_id)
        if batch.updated_at < night and (last is None or last.created_at < night):
            found.append(batch.route_id)
    return found


def _taker(node: Node, route_id: str) -> Callable[[], int]:
    return lambda: _take(node, route_id)


def _deliver(node: Node) -> int:
    with node.engine.connect() as connection:
        waiting = sessions.undelivered(connection)
    for route_id, session_id, number, message in waiting:
        node.relay.post_message(route_id, message)
        node.failpoints.reach("reconcile.posted")
        with node.engine.begin() as connection:
            sessions.delivered(connection, session_id, number, node.now())
    return len(waiting)


def _take(node: Node, route_id: str) -> int:
    done = 0
    while True:
        with node.engine.connect() as connection:
            after = sessions.cursor(connection, route_id)
        page = node.relay.messages(route_id, after)
        for carried in page:
            if carried.id <= after:
                raise ExchangeError("ANSWER_BAD", peer="relay", reason="messages out of order")
            if not _take_one(node, route_id, carried):
                return done
            after, done = carried.id, done + 1
            with node.engine.begin() as connection:
                sessions.advance(connection, route_id, after)
        if not page:
            return done


def _take_one(node: Node, route_id: str, carried: Carried) -> bool:
    """Deal with one message; False: not yet, it waits here."""
    try:
        _believe(node, route_id, carried.message)
    except ExchangeError as error:
        if error.code in ("RECONCILE_WAITING", "RECONCILE_OVERTAKEN"):
            return False
        if error.is_transient:
            raise
        with node.engine.begin() as connection:
            audit.enqueue(connection, node.entry("reconcile:refuse", route_id, outcome="refused", code=error.code))
    return True


def _believe(node: Node, route_id: str, signed: Signed) -> None:
    """What the message says, done. Raises ``RECONCILE_MESSAGE_BAD`` for one that is not of its place."""
    claimed, trust = _claimed(signed), node.trust()
    with node.engine.connect() as connection:
        session = sessions.find(connection, claimed.session_id)
        expected = sessions.last_number(connection, claimed.session_id) + 1
    grant = _grant(node, trust, route_id, session)
    message = _verified(node, trust, grant, signed)
    if message.route_id != route_id or (session is not None and session.route_id != route_id):
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="it is of another route")
    if session is None:
        if message.step != "ask" or message.number != 1 or grant.consumer.node_id != node.node_id:
            raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="it is of no session here")
        consumer.answer(node, grant, signed, message)
    elif session.state not in FINAL and message.number >= expected:  # else said before, or too late
        if message.number != expected or message.step not in ANSWERS[session.state]:
            raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="it is not what is waited for")
        _proceed(node, session, grant, signed, message)


def _proceed(node: Node, session: Session, grant: BoundGrant, signed: Signed, message: Message) -> None:
    """The session's next step; an error that lasts, other than disbelief, ends it."""
    try:
        if message.step == "refuse":
            _refused(node, session, signed, message)
        else:
            _HANDLERS[session.role, message.step](node, session, grant, signed, message)
    except ExchangeError as error:
        if error.is_transient or error.code == "RECONCILE_MESSAGE_BAD":
            raise
        if session.role == "consumer":
            consumer.refuse(node, session, signed, message, error.code)
            return
        entry = node.entry("reconcile:abandon", session.subject, outcome="abandoned", code=error.code)
        with node.engine.begin() as connection:
            sessions.move(connection, session, "abandoned", entry, node.now(), code=error.code)


def _refused(node: Node, session: Session, signed: Signed, message: Message) -> None:
    """The other end has given the session up; its code is ours."""
    secret = Secret.from_bytes(session.secret)
    key: Unwraps | None = (
        DecryptionKey.from_pem(secret.reply_pem.encode("ascii"))
        if session.role == "provider"
        else node.keys.decryption.get(message.key_id)
    )
    code = unseal(message, key, Refuse).code
    if code not in ExchangeError.explanations:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="an unknown code")
    entry = node.entry("reconcile:abandon", session.subject, outcome="abandoned", code=code)
    with node.engine.begin() as connection:
        incoming = (message.number, signed)
        sessions.move(connection, session, "abandoned", entry, node.now(), incoming=incoming, code=code)


def _give_up(node: Node, under_way: list[Session], now: datetime) -> None:
    for session in under_way:
        if (now - session.updated_at).total_seconds() > LIMITS.reconcile_wait_seconds:
            entry = node.entry("reconcile:abandon", session.subject, outcome="abandoned", code="RECONCILE_SILENT")
            with node.engine.begin() as connection:
                sessions.move(connection, session, "abandoned", entry, now, code="RECONCILE_SILENT")


def _grant(node: Node, trust: TrustSet, route_id: str, session: Session | None) -> BoundGrant:
    if session is not None:
        return trust.admit(session.grant_id, node.now())
    grant = current_grant(trust, route_id, node.now())
    if grant is None:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="no grant is in force")
    return grant


def _verified(node: Node, trust: TrustSet, grant: BoundGrant, signed: Signed) -> Message:
    """The message, if the grant's other end has signed it for us."""
    end = grant.provider if grant.consumer.node_id == node.node_id else grant.consumer
    message = read(signed, lambda key_id: trust.witness(end.node_id, key_id, node.now(), end))
    if (message.from_node_id, message.to_node_id) != (end.node_id, node.node_id):
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason="it is for somebody else")
    return message


def _claimed(signed: Signed) -> Message:
    """What it says of itself, not yet verified; only its session is looked up by it."""
    try:
        return Message.from_bytes(signed.payload_bytes())
    except MetadataError as error:
        raise ExchangeError("RECONCILE_MESSAGE_BAD", reason=error.en) from None
