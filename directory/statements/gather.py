"""Rows that nobody asks back, written when they are given, or those of many steps together in one statement a table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Insert
from sqlalchemy.orm import Session, SessionTransaction

_KEY: Final = "gathered"
Rows = Sequence[Mapping[str, Any]]


@dataclass
class _Gathered:
    within: SessionTransaction | None
    rows: dict[Insert, list[Mapping[str, Any]]] = field(default_factory=dict)

    def write(self, session: Session) -> None:
        for into, rows in self.rows.items():
            session.execute(into, rows)
        self.rows.clear()


def insert_rows(session: Session, into: Insert, rows: Rows) -> None:
    """Insert these: at once, or, where rows are being gathered, at the end of that."""
    waiting = _waiting(session)
    if waiting is None:
        session.execute(into, rows)
    else:
        waiting.rows.setdefault(into, []).extend(rows)


def settle(session: Session) -> None:
    """Write what has been changed, so that a refusal of the database is this step's; what is gathered waits."""
    if _waiting(session) is None:
        session.flush()


def write(session: Session) -> None:
    """Write what has been changed and what is gathered, before a savepoint is begun: what comes of it within stands
    after it, in the log and in what people read, and nothing that was written before is undone with it.
    """
    session.flush()
    waiting = _waiting(session)
    if waiting is not None:
        waiting.write(session)


def _waiting(session: Session) -> _Gathered | None:
    """Nothing waits within a savepoint that was begun since: what is undone there must not be written later."""
    waiting: _Gathered | None = session.info.get(_KEY)
    return waiting if waiting is not None and waiting.within is session.get_nested_transaction() else None


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """What is changed and given inside is written at its end, all of it or, where it ends in an error, nothing."""
    waiting = _Gathered(session.get_nested_transaction())
    session.info[_KEY] = waiting
    try:
        with session.no_autoflush:
            yield
    finally:
        del session.info[_KEY]
    session.flush()
    waiting.write(session)
