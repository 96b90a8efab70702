"""Which entries changed, written with the change itself, so that an index can catch up after the commit."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Identity,
    Index,
    Uuid,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from directory.db import Base
from directory.statements.prepared import Prepared


class SearchChange(Base):
    """One change to one entry. ``xact`` is the transaction's number, which tells what a reader can have missed.

    ``seq`` alone would not: numbers are drawn before commits, so a reader that has seen 6 may still get a 5.
    """

    __tablename__ = "search_change"
    __table_args__ = (Index("ix_search_change_xact", "xact"),)

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xact: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    resource_id: Mapped[UUID]


class SearchPruned(Base):
    """Changes of transactions below this were removed; an index that had not read them is not to be trusted."""

    __tablename__ = "search_pruned"

    is_only: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=true())
    below: Mapped[int] = mapped_column(BigInteger)


class Pending(NamedTuple):
    """Changes at or after a horizon, and the next horizon: below it every transaction has ended and been read.

    ``pruned`` says below which transaction changes may be missing here.
    """

    horizon: int
    pruned: int
    changes: Sequence[tuple[int, int, UUID]]


# One statement sees one snapshot, so the horizon it reads is that of the rows it reads.
_PENDING = Prepared(
    "search_pending",
    "SELECT h.horizon, h.pruned, c.seq, c.xact, c.resource_id FROM (SELECT"
    " (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS horizon, (SELECT below FROM search_pruned) AS pruned"
    ") h LEFT JOIN search_change c ON c.xact >= $1 LIMIT $2",
    "since",
    "most",
)


def mark(session: Session, *resource_ids: UUID) -> None:
    """Note that entries changed; call it in the transaction of the change."""
    if resource_ids:
        changed = func.unnest(literal(list(resource_ids), ARRAY(Uuid())))
        session.execute(insert(SearchChange).from_select(["resource_id"], select(changed)))


def horizon(session: Session) -> int:
    """The lowest number of a transaction still running, or the next one: everything below it is committed or gone."""
    return session.scalar(text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")) or 0


def pending(session: Session, since: int, most: int | None = None) -> Pending:
    """What may have changed since ``since``, as (seq, xact, resource), or ``most`` of it.

    A transaction still running now has a number at or above the new horizon and is read again.
    """
    rows = _PENDING.rows(session, since=since, most=most)
    changes = [(seq, xact, resource_id) for _, _, seq, xact, resource_id in rows if seq is not None]
    return Pending(rows[0][0], rows[0][1] or 0, changes)


def prune(session: Session, below: int) -> int:
    """Remove changes of transactions below this number and say so, for other indexes; returns how many."""
    removed = session.execute(delete(SearchChange).where(SearchChange.xact < below))
    count: int = removed.rowcount  # type: ignore[attr-defined]
    if count:
        session.execute(update(SearchPruned).where(SearchPruned.below < below).values(below=below))
    return count


def is_prunable(session: Session, below: int) -> bool:
    """Whether ``prune`` would find something."""
    return session.scalar(select(SearchChange.seq).where(SearchChange.xact < below).limit(1)) is not None
