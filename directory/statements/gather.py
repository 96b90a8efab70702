"""Inserts that can wait: rows that nobody reads back are written at once or, inside ``gathered``, together at its end.

Many steps then leave one statement for each table, not one for each row.
"""

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
    """Flush, so that what the database refuses is refused of this step; inside ``gathered`` it waits for the end."""
    if _waiting(session) is None:
        session.flush()


def write(session: Session) -> None:
    """Write everything that waits, before a savepoint is begun: so what is done inside comes after it in the log and in
    what people read, and undoing the savepoint undoes nothing that came before.
    """
    session.flush()
    waiting = _waiting(session)
    if waiting is not None:
        waiting.write(session)


def _waiting(session: Session) -> _Gathered | None:
    """What is being gathered; None in a savepoint begun since: a row undone there must not be written later."""
    waiting: _Gathered | None = session.info.get(_KEY)
    return waiting if waiting is not None and waiting.within is session.get_nested_transaction() else None


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """What is changed and inserted inside is written at the end: all of it, or nothing where it ends in an error."""
    waiting = _Gathered(session.get_nested_transaction())
    session.info[_KEY] = waiting
    try:
        with session.no_autoflush:
            yield
    finally:
        del session.info[_KEY]
    session.flush()
    waiting.write(session)
