"""Which entries changed, written with the change itself, so that an index can catch up after the commit."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from directory.db import Base


class SearchChange(Base):
    """One change to one entry. ``xact`` is the transaction's number, which tells what a reader can have missed.

    ``seq`` alone would not: numbers are drawn before commits, so a reader that has seen 6 may still get a 5.
    """

    __tablename__ = "search_change"
    __table_args__ = (Index("ix_search_change_xact", "xact"),)

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xact: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    resource_id: Mapped[UUID]


class Pending(NamedTuple):
    """Changes at or after a horizon, and the next horizon: below it every transaction has ended and been read."""

    horizon: int
    changes: Sequence[tuple[int, int, UUID]]


def mark(session: Session, resource_id: UUID) -> None:
    """Note that an entry changed; call it in the transaction of the change."""
    session.execute(insert(SearchChange).values(resource_id=resource_id))


def horizon(session: Session) -> int:
    """The lowest number of a transaction still running, or the next one: everything below it is committed or gone."""
    return session.scalar(text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")) or 0


def pending(session: Session, since: int) -> Pending:
    """What may have changed since ``since``, as (seq, xact, resource) in order.

    The new horizon is read first: a transaction still running now has a number at or above it and is read again.
    """
    upcoming = horizon(session)
    rows = session.execute(
        select(SearchChange.seq, SearchChange.xact, SearchChange.resource_id)
        .where(SearchChange.xact >= since)
        .order_by(SearchChange.seq)
    )
    return Pending(upcoming, [(row.seq, row.xact, row.resource_id) for row in rows])
