"""Reconciliations in the ledger: their states, their messages, and what is kept while one is under way.

A provider's session is ``asked``, then ``walked`` when totals differ, ``judged`` when its result is signed, ``closed``
when the consumer has signed it too. A consumer's is ``answered``, ``listed`` when it has named its rows' digests,
``agreed`` when it has signed. ``abandoned`` carries the code that says why; the next night begins anew. A step looks
at the databases first, then commits in one transaction the message it answers, the next state, its own message and
the audit entry; messages leave from the ledger, as often as it takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange import audit
from exchange.errors import ExchangeError
from exchange.reconcile.messages import Step
from exchange.states import Role
from exchange.store import MESSAGE_CURSOR, RECONCILIATION, RECONCILIATION_MESSAGE
from metadata.audit import AuditEntry
from metadata.signed import Signed

State = Literal["asked", "walked", "judged", "closed", "answered", "listed", "agreed", "abandoned"]

FINAL: frozenset[State] = frozenset({"closed", "agreed", "abandoned"})
MOVES: Mapping[State, frozenset[State]] = {
    "asked": frozenset({"walked", "judged", "abandoned"}),
    "walked": frozenset({"judged", "abandoned"}),
    "judged": frozenset({"closed", "abandoned"}),
    "answered": frozenset({"listed", "agreed", "abandoned"}),
    "listed": frozenset({"agreed", "abandoned"}),
}
ANSWERS: Mapping[State, frozenset[Step]] = {
    "asked": frozenset({"branches", "refuse"}),
    "walked": frozenset({"rows", "refuse"}),
    "judged": frozenset({"assent", "refuse"}),
    "answered": frozenset({"leaves", "verdict", "refuse"}),
    "listed": frozenset({"verdict", "refuse"}),
}
"""Which messages a state waits for."""


@dataclass(frozen=True, repr=False)
class Session:
    """One reconciliation at one end. ``secret`` and ``work`` are records' bytes, empty once it has ended."""

    session_id: str
    route_id: str
    role: Role
    grant_id: str
    seq: int
    state: State
    code: str
    secret: bytes
    work: bytes
    result: bytes | None
    created_at: datetime
    updated_at: datetime

    @property
    def subject(self) -> str:
        """How audit entries and messages name it."""
        return f"{self.route_id}/{self.seq}"

    def signed(self) -> Signed | None:
        """The signed result, if there is one."""
        return None if self.result is None else Signed.from_bytes(self.result)


def add(
    connection: Connection, item: AuditEntry, incoming: Signed | None, outgoing: Signed, number: int, **values: Any
) -> None:
    """A new session with its first messages."""
    connection.execute(insert(RECONCILIATION).values(**values))
    if incoming is not None:
        _keep(connection, values["session_id"], number - 1, incoming, values["created_at"])
    _keep(connection, values["session_id"], number, outgoing, None)
    audit.enqueue(connection, item)


def move(
    connection: Connection,
    session: Session,
    to: State,
    item: AuditEntry,
    now: datetime,
    *,
    incoming: tuple[int, Signed] | None = None,
    outgoing: tuple[int, Signed] | None = None,
    **changes: Any,
) -> None:
    """The next state with the message it answers and the one it sends.

    Raises ``MOVE_ILLEGAL``, or ``RECONCILE_OVERTAKEN`` when another worker has moved it meanwhile.
    """
    if to not in MOVES.get(session.state, frozenset()):
        raise ExchangeError("MOVE_ILLEGAL", state=session.state, to=to)
    if to in FINAL:
        changes |= {"secret": b"", "work": b""}
    moved = connection.execute(
        update(RECONCILIATION)
        .where(RECONCILIATION.c.session_id == session.session_id, RECONCILIATION.c.state == session.state)
        .values(state=to, updated_at=now, **changes)
    )
    if moved.rowcount != 1:
        raise ExchangeError("RECONCILE_OVERTAKEN")
    if incoming is not None:
        _keep(connection, session.session_id, *incoming, now)
    if outgoing is not None:
        _keep(connection, session.session_id, *outgoing, None)
    audit.enqueue(connection, item)


def overtake(connection: Connection, route_id: str, entry: Callable[[str], AuditEntry], now: datetime) -> None:
    """End the route's session that is still under way: a later one begins. ``entry`` makes its audit entry."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"reconcile.{route_id}"}
    )
    earlier = newest(connection, route_id)
    if earlier is not None and earlier.state not in FINAL:
        move(connection, earlier, "abandoned", entry(earlier.subject), now, code="RECONCILE_OVERTAKEN")


def find(connection: Connection, session_id: str) -> Session | None:
    row = connection.execute(select(RECONCILIATION).where(RECONCILIATION.c.session_id == session_id)).one_or_none()
    return None if row is None else _session(row)


def newest(connection: Connection, route_id: str, *, only_results: bool = False) -> Session | None:
    """The last one begun on a route; ``only_results``: the last one that both ends have signed."""
    statement = select(RECONCILIATION).where(RECONCILIATION.c.route_id == route_id)
    if only_results:
        statement = statement.where(RECONCILIATION.c.state.in_(("closed", "agreed")))
    row = connection.execute(statement.order_by(RECONCILIATION.c.created_at.desc()).limit(1)).one_or_none()
    return None if row is None else _session(row)


def under_way(connection: Connection) -> list[Session]:
    """Those that have not ended, oldest first."""
    rows = connection.execute(
        select(RECONCILIATION).where(RECONCILIATION.c.state.not_in(FINAL)).order_by(RECONCILIATION.c.created_at)
    )
    return [_session(row) for row in rows]


def last_number(connection: Connection, session_id: str) -> int:
    """The number of its newest message, sent or received."""
    number = connection.scalar(
        select(func.max(RECONCILIATION_MESSAGE.c.number)).where(RECONCILIATION_MESSAGE.c.session_id == session_id)
    )
    return int(number or 0)


def undelivered(connection: Connection) -> list[tuple[str, str, int, Signed]]:
    """Our messages that the relay does not have: route, session, number, message."""
    rows = connection.execute(
        select(RECONCILIATION.c.route_id, RECONCILIATION_MESSAGE)
        .join(RECONCILIATION, RECONCILIATION.c.session_id == RECONCILIATION_MESSAGE.c.session_id)
        .where(RECONCILIATION_MESSAGE.c.relayed_at.is_(None))
        .order_by(RECONCILIATION.c.created_at, RECONCILIATION_MESSAGE.c.number)
    )
    return [(row.route_id, row.session_id, row.number, Signed.from_bytes(bytes(row.body))) for row in rows]


def delivered(connection: Connection, session_id: str, number: int, now: datetime) -> None:
    connection.execute(
        update(RECONCILIATION_MESSAGE)
        .where(RECONCILIATION_MESSAGE.c.session_id == session_id, RECONCILIATION_MESSAGE.c.number == number)
        .values(relayed_at=now)
    )


def cursor(connection: Connection, route_id: str) -> int:
    """The relay's number of the last message of a route that was dealt with."""
    after = connection.scalar(select(MESSAGE_CURSOR.c.after).where(MESSAGE_CURSOR.c.route_id == route_id))
    return int(after or 0)


def advance(connection: Connection, route_id: str, after: int) -> None:
    statement = upsert(MESSAGE_CURSOR).values(route_id=route_id, after=after)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[MESSAGE_CURSOR.c.route_id],
            set_={"after": func.greatest(MESSAGE_CURSOR.c.after, statement.excluded.after)},
        )
    )


def unreported(connection: Connection) -> list[Session]:
    """Signed results that the directory does not have."""
    rows = connection.execute(
        select(RECONCILIATION)
        .where(RECONCILIATION.c.state.in_(("closed", "agreed")), RECONCILIATION.c.reported_at.is_(None))
        .order_by(RECONCILIATION.c.created_at)
    )
    return [_session(row) for row in rows]


def reported(connection: Connection, session_id: str, now: datetime) -> None:
    connection.execute(update(RECONCILIATION).where(RECONCILIATION.c.session_id == session_id).values(reported_at=now))


def _keep(connection: Connection, session_id: str, number: int, body: Signed, relayed_at: datetime | None) -> None:
    connection.execute(
        insert(RECONCILIATION_MESSAGE).values(
            session_id=session_id, number=number, body=body.to_bytes(), relayed_at=relayed_at
        )
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        session_id=row.session_id,
        route_id=row.route_id,
        role=row.role,
        grant_id=row.grant_id,
        seq=row.seq,
        state=row.state,
        code=row.code,
        secret=bytes(row.secret),
        work=bytes(row.work),
        result=None if row.result is None else bytes(row.result),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
