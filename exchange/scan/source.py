"""The department's database as it is scanned: read-only, each table in a transaction of its own, nothing waited for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from exchange import department
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.scan import sample, structure
from exchange.scan.structure import Relation
from metadata.profile import TableProfile, ValueProfile

# What keeps one table from being looked at and says nothing about the next.
_OF_ONE_TABLE = frozenset(
    {"SOURCE_LOCKED", "SOURCE_DENIED", "SOURCE_SLOW", "SOURCE_TEXT_BAD", "SOURCE_DRIFT", "SOURCE_FAILED"}
)


class Source:
    """An open connection. Every look is a READ ONLY transaction that is rolled back, so no lock outlives it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def relations(self, schemas: Sequence[str] = ()) -> list[Relation]:
        """Tables and views; raises ``SCHEMA_UNKNOWN``."""
        with self._look("") as cursor:
            return structure.relations(cursor, schemas)

    def profile(self, relation: Relation, today: date) -> TableProfile | None:
        """What is to be known of one table; with ``problem`` where its values could not be seen. None: it is gone.

        Raises ``SOURCE_DOWN``.
        """
        with self._look(relation.name) as cursor:
            columns = structure.columns(cursor, relation)
        if not columns:
            return None
        values: list[ValueProfile | None] = [None] * len(columns)
        rows, size, problem = None, None, ""
        if relation.kind != "foreign_table":  # its rows lie with somebody else
            try:
                with self._look(relation.name) as cursor:
                    size = sample.size_bytes(cursor, relation)
                    values, rows = sample.look(cursor, relation, columns, today)
            except ExchangeError as error:
                if error.code not in _OF_ONE_TABLE:
                    raise
                problem = error.code
            if not problem and not any(column.is_readable for column in columns):
                problem = "SOURCE_DENIED"
        return TableProfile(
            schema_name=relation.schema_name,
            table=relation.table,
            kind=relation.kind,
            comment=relation.comment,
            columns=tuple(
                column.profile.model_copy(update={"values": seen}) for column, seen in zip(columns, values, strict=True)
            ),
            row_count=relation.row_count if rows is None else rows,
            size_bytes=size,
            problem=problem,
        )

    @contextmanager
    def _look(self, table: str) -> Iterator[Any]:
        with department.faults("source", table):
            try:
                with self._connection.cursor() as cursor:
                    yield cursor
            finally:
                if not self._connection.closed:
                    self._connection.rollback()


@contextmanager
def open_source(url: str) -> Iterator[Source]:
    """Raises ``SOURCE_DOWN``."""
    with department.connect(url, "source") as connection:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)",
                (f"{LIMITS.scan_lock_seconds}s", f"{LIMITS.scan_statement_seconds}s"),
            )
        connection.commit()
        yield Source(connection)
