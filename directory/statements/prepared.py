"""Statements that the server plans once for a connection: what every request asks takes longer to plan than to run."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final

import psycopg2
import psycopg2.errors
from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects.postgresql import psycopg2 as dialects
from sqlalchemy.orm import Session

from directory.db import refuse
from directory.errors import DirectoryError

_NUMBERED: Final = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_KEY: Final = "prepared"
_MOST: Final = 128
"""Plans that a connection keeps, the last used ones: one takes the server up to a quarter of a MiB."""
# A migration changed the type of a column, or somebody between us and the server dropped the plan: another connection
# plans anew.
_STALE: Final = (psycopg2.errors.FeatureNotSupported, psycopg2.errors.InvalidSqlStatementName)


class Prepared:
    """A statement under a name of its own, put together when the program starts and planned at its first use.

    It is asked by the driver itself, inside the session's transaction; nothing waiting in the session is written first.
    """

    def __init__(
        self, name: str, statement: ClauseElement | str, *parameters: str, settings: Sequence[str] = ()
    ) -> None:
        """A statement given as text has ``$1`` for the first of ``parameters``; one given as an expression numbers its
        own and brings its constants. ``settings`` are set before it is planned, until the transaction ends.
        """
        self._name, self._values = name, dict[str, Any]()
        self._text, self._order = str(statement), parameters
        if not isinstance(statement, str):
            spelled = statement.compile(dialect=_NUMBERED, compile_kwargs={"render_postcompile": True})
            self._text, self._values = str(spelled), dict(spelled.params)
            self._order = tuple(spelled.positiontup or ())  # type: ignore[attr-defined]
        given = f"({', '.join(['%s'] * len(self._order))})" if self._order else ""
        before = "".join(f"SET LOCAL {each}; " for each in settings)
        self._execute = f"{before}EXECUTE {name}{given}"

    @property
    def constants(self) -> Mapping[str, object]:
        """The values in the statement itself, by the names under which ``rows`` would take others."""
        return self._values

    def rows(self, session: Session, **asked: object) -> Sequence[tuple[Any, ...]]:
        """Every row as the driver reads it; raises what the engine would raise for the statement."""
        connection = session.connection()
        values = self._values | asked
        try:
            return self._asked(connection, [values[name] for name in self._order])
        except psycopg2.Error as error:
            if connection.connection.dbapi_connection.closed or isinstance(error, _STALE):  # type: ignore[union-attr]
                connection.invalidate(error)
            refuse(error)
            if isinstance(error, _STALE):
                raise DirectoryError("DATABASE_AWAY") from None
            raise

    def _asked(self, connection: Connection, values: Sequence[object]) -> Sequence[tuple[Any, ...]]:
        known: OrderedDict[str, None]  # lives as long as the server's end of the connection
        known = connection.info.setdefault(_KEY, OrderedDict())
        with closing(connection.connection.cursor()) as cursor:
            if self._name not in known:
                if len(known) >= _MOST:
                    cursor.execute(f"DEALLOCATE {known.popitem(last=False)[0]}")
                cursor.execute(f"PREPARE {self._name} AS {self._text}")
                known[self._name] = None  # also when this transaction is rolled back: the server keeps it
            known.move_to_end(self._name)
            cursor.execute(self._execute, values)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return found


def array_of(values: Iterable[object]) -> str:
    """Ids or numbers as PostgreSQL writes an array, to be cast to the type it is of."""
    return f"{{{','.join(map(str, values))}}}"
