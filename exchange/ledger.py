"""The ledger: this node's batches, their leases and their moves. It is the truth; whoever drives it is only a clock.

``take`` gives a batch under a new lease epoch, from one sequence, so that epochs only grow. Every later write says
``WHERE lease_epoch = mine`` and otherwise raises ``STALE_LEASE``: of two workers only the later one can write. A state
change and its audit entry are one transaction.
"""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, exc, extract, func, insert, or_, select, text, update

from exchange import audit
from exchange.envelope.header import Kind
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.states import Role, State, check_move
from exchange.store import BATCH
from metadata.audit import AuditEntry
from standards.errors import ExplainedError


@dataclass(frozen=True)
class Batch:
    """One row: what this node knows of one batch of one route. Counts are of rows (``rows`` of those in the batch,
    ``target_rows`` of those the target holds after it), ``report`` is the check report's bytes.
    """

    route_id: str
    seq: int
    role: Role
    grant_id: str
    state: State
    code: str
    explanation_zh: str
    next_step: str
    held_from: State
    lease_epoch: int
    leased_at: datetime | None
    run_id: str
    due_on: date
    replaces_seq: int | None
    replaced_by_seq: int | None
    previous_digest: str
    manifest: bytes
    digest: str
    size_bytes: int | None
    plain_bytes: int | None
    rows: int | None
    changed_rows: int | None
    set_aside: int | None
    kind: Kind
    target_rows: int | None
    checks_run: int | None
    checks_passed: int | None
    report: bytes
    duration_ms: int
    sealed_at: datetime | None
    changes: int
    reported_changes: int
    created_at: datetime
    updated_at: datetime

    @property
    def subject(self) -> str:
        """How audit entries and messages name it."""
        return f"{self.route_id}/{self.seq}"


# Else the lock of a worker that hangs would cost its successor an hour at every step.
_END_HOLDER = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()"
    " AND (classid::bigint << 32) | objid::bigint = hashtextextended(:name, 0)"
)


@contextmanager
def take(engine: Engine, route_id: str, seq: int, run_id: str) -> Iterator[Batch]:
    """The batch under a new lease. Raises ``BATCH_UNKNOWN``, or ``BATCH_BUSY`` while another live worker has it.

    The advisory lock only spares a second worker the trouble, and ends with its holder's connection; after
    ``lease_seconds`` it is overruled and that connection ended (a worker that hangs), because the epoch is what
    protects.
    """
    name = f"hutong.batch.{route_id}.{seq}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        is_mine = guard.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": name})
        try:
            yield _lease(guard, route_id, seq, run_id, is_mine=bool(is_mine))
        finally:
            if is_mine:
                with contextlib.suppress(exc.SQLAlchemyError):  # the connection is gone, and the lock with it
                    guard.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), {"name": name})


def _lease(connection: Connection, route_id: str, seq: int, run_id: str, *, is_mine: bool) -> Batch:
    statement = (
        update(BATCH)
        .where(BATCH.c.route_id == route_id, BATCH.c.seq == seq)
        .values(lease_epoch=func.nextval("lease_epoch"), leased_at=func.clock_timestamp())
        .returning(BATCH)
    )
    if run_id:
        statement = statement.values(run_id=run_id)
    if not is_mine:
        oldest = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, LIMITS.lease_seconds)
        statement = statement.where(or_(BATCH.c.leased_at.is_(None), BATCH.c.leased_at < oldest))
    row = connection.execute(statement).one_or_none()
    if row is None:
        find(connection, route_id, seq)
        raise ExchangeError("BATCH_BUSY")
    if not is_mine:
        connection.execute(_END_HOLDER, {"name": f"hutong.batch.{route_id}.{seq}"})
    return _batch(row)


def add(connection: Connection, item: AuditEntry, **values: Any) -> Batch:
    """A new batch and its audit entry."""
    audit.enqueue(connection, item)
    return _batch(connection.execute(insert(BATCH).values(**values).returning(BATCH)).one())


def move(connection: Connection, batch: Batch, to: State, item: AuditEntry, now: datetime, **changes: Any) -> Batch:
    """The next state, with its audit entry. Raises ``MOVE_ILLEGAL`` or ``STALE_LEASE``."""
    check_move(batch.role, batch.state, to)
    took = extract("epoch", func.clock_timestamp() - BATCH.c.leased_at) * 1000
    values = {"code": "", "explanation_zh": "", "next_step": "", "held_from": ""} | changes
    moved = _write(connection, batch, now, state=to, duration_ms=BATCH.c.duration_ms + func.coalesce(took, 0), **values)
    audit.enqueue(connection, item)
    return moved


def note(connection: Connection, batch: Batch, error: ExplainedError, item: AuditEntry, now: datetime) -> Batch:
    """Write down why a batch waits, its state unchanged; one audit entry for each new reason, not for each try."""
    if batch.code == error.code and batch.explanation_zh == error.zh:
        return batch
    if batch.code != error.code:
        audit.enqueue(connection, item)
    return _write(connection, batch, now, code=error.code, explanation_zh=error.zh, next_step=error.next_step)


def _write(connection: Connection, batch: Batch, now: datetime, **values: Any) -> Batch:
    row = connection.execute(
        update(BATCH)
        .where(
            BATCH.c.route_id == batch.route_id,
            BATCH.c.seq == batch.seq,
            BATCH.c.lease_epoch == batch.lease_epoch,
            BATCH.c.state == batch.state,
        )
        .values(changes=BATCH.c.changes + 1, updated_at=now, **values)
        .returning(BATCH)
    ).one_or_none()
    if row is None:
        raise ExchangeError("STALE_LEASE")
    return _batch(row)


def find(connection: Connection, route_id: str, seq: int) -> Batch:
    """Raises ``BATCH_UNKNOWN``."""
    row = connection.execute(select(BATCH).where(BATCH.c.route_id == route_id, BATCH.c.seq == seq)).one_or_none()
    if row is None:
        raise ExchangeError("BATCH_UNKNOWN", route_id=route_id, seq=seq)
    return _batch(row)


def last(connection: Connection, route_id: str) -> Batch | None:
    """The batch with the highest sequence on a route."""
    row = connection.execute(
        select(BATCH).where(BATCH.c.route_id == route_id).order_by(BATCH.c.seq.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _batch(row)


def before(connection: Connection, batch: Batch) -> Batch | None:
    """The batch before this one that had left its provider, announced at the relay."""
    row = connection.execute(
        select(BATCH)
        .where(BATCH.c.route_id == batch.route_id, BATCH.c.seq < batch.seq, BATCH.c.manifest != b"")
        .order_by(BATCH.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _batch(row)


def closed(connection: Connection) -> list[tuple[str, int]]:
    """Route and sequence of every closed batch, the one closed longest ago first."""
    query = select(BATCH.c.route_id, BATCH.c.seq).where(BATCH.c.state == "closed").order_by(BATCH.c.updated_at)
    return [(row.route_id, row.seq) for row in connection.execute(query)]


def first_pending(connection: Connection, batch: Batch) -> int | None:
    """The lowest sequence before this batch that is neither in the target nor given up; None when there is none."""
    pending: int | None = connection.scalar(
        select(func.min(BATCH.c.seq)).where(
            BATCH.c.route_id == batch.route_id,
            BATCH.c.seq < batch.seq,
            BATCH.c.state.not_in(("applied", "closed", "quarantined")),
        )
    )
    return pending


def batches(connection: Connection, *, only_open: bool = False) -> list[Batch]:
    """All batches, or those not closed, by route and sequence."""
    statement = select(BATCH).order_by(BATCH.c.route_id, BATCH.c.seq)
    if only_open:
        statement = statement.where(BATCH.c.state != "closed")
    return [_batch(row) for row in connection.execute(statement)]


def replaced(connection: Connection) -> dict[tuple[str, int], int]:
    """By route and sequence of a batch, the sequence of the one that was sealed in its place.

    Its provider notes it with the batch; to the consumer the later batch says so.
    """
    own = select(BATCH.c.route_id, BATCH.c.seq, BATCH.c.replaced_by_seq).where(BATCH.c.replaced_by_seq.is_not(None))
    told = select(BATCH.c.route_id, BATCH.c.replaces_seq, BATCH.c.seq).where(BATCH.c.replaces_seq.is_not(None))
    return {(row[0], row[1]): row[2] for row in connection.execute(own.union(told))}


def _batch(row: Row[Any]) -> Batch:
    values = dict(row._mapping)
    return Batch(**values | {"manifest": bytes(values["manifest"]), "report": bytes(values["report"])})
