"""Reading one relation in one exported snapshot, from several connections, without writing anything."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from exchange import watched
from exchange.watched import Bounds
from pipelines.checks.limits import Limits

# The types whose values have a form of their own (pg_type OIDs, fixed in PostgreSQL's catalogue since 1997 to 2001).
# All others are handled as the text they are written as.
_TYPE_NAMES = {
    16: "bool",
    20: "int8",
    21: "int2",
    23: "int4",
    25: "text",
    700: "float4",
    701: "float8",
    1042: "bpchar",
    1043: "text",  # character varying: the same values as text
    1082: "date",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
}


class Snapshot:
    """A way to read a relation: where, and as of which exported snapshot (None: the newest committed state)."""

    def __init__(self, dsn: str, snapshot_id: str | None, relation: sql.Composable, limits: Limits) -> None:
        self._dsn = dsn.replace("postgresql+psycopg2://", "postgresql://", 1)
        self._snapshot_id = snapshot_id
        self._limits = limits
        self.relation = relation

    def connect(self) -> Connection:
        """A connection whose values have one spelling (ISO dates, UTC) and whose statements end in time, even when the
        server does not end them.
        """
        return watched.connect(
            self._dsn,
            Bounds(seconds=1.1 * self._limits.statement_seconds + 1.0),
            application_name="hutong check",
            options=f"-c datestyle=ISO -c timezone=UTC -c statement_timeout={self._limits.statement_seconds}s"
            f" -c work_mem={self._limits.work_mem}",
        )

    @property
    def begin(self) -> str:
        """What a transaction starts with; it holds no character that a driver would take for a parameter."""
        statement = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        if self._snapshot_id is None:
            return statement
        if not all(character in "0123456789ABCDEF-" for character in self._snapshot_id):
            raise ValueError("not the name of an exported snapshot")
        return f"{statement}; SET TRANSACTION SNAPSHOT '{self._snapshot_id}'"

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A cursor whose every statement sees the same rows."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(self.begin)
            yield cursor

    def first(self, rows: int) -> "Snapshot":
        """The same with only so many rows of the relation, whichever come first."""
        relation = sql.SQL("SELECT * FROM ({}) AS r LIMIT {}").format(self.relation, sql.Literal(rows))
        return Snapshot(self._dsn, self._snapshot_id, relation, self._limits)

    def types(self) -> dict[str, str]:
        """The relation's columns with the names of their types (``other`` for those without a form of their own)."""
        with self.transaction() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM ({}) AS r LIMIT 0").format(self.relation))
            return {column.name: _TYPE_NAMES.get(column.type_code, "other") for column in cursor.description or ()}
