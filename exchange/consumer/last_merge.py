"""What the last merge of a route found and left: kept beside the received table, in the merge's own transaction, until
the next one.

The rows it changed or deleted are kept whole, of those it brought the keys. Ordinary tables of schema ``hutong``, made
by the node with its own rights, with the received table's types: what goes back is what was there, bit by bit.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg2 import extras, sql

from exchange import columns
from exchange.consumer import staging
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch

SCHEMA = "hutong"
BEFORE, ADDED = "before_", "added_"


class Tally(NamedTuple):
    """How many rows a table has, by column how many of them have none, and PostgreSQL's number of the column: one
    that was dropped and put back, empty, has another.
    """

    rows: int
    nulls: Mapping[str, int]
    numbers: Mapping[str, int]


class LastMerge(NamedTuple):
    """One row of ``hutong.last_merge``. ``is_paused``: taken back, and nobody has let the route go on."""

    seq: int
    tally: Tally
    is_first: bool
    is_kept: bool
    is_undone: bool
    is_paused: bool


def find(cursor: Any, route_id: str) -> LastMerge | None:
    """None where no merge has been since this is kept."""
    cursor.execute(
        "SELECT seq, rows, nulls, column_numbers, is_first, is_kept, undone_at IS NOT NULL,"
        " undone_at IS NOT NULL AND resumed_at IS NULL FROM hutong.last_merge WHERE route_id = %s",
        (route_id,),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    seq, rows, nulls, numbers, *flags = row
    return LastMerge(seq, Tally(rows, nulls, numbers), *flags)


def every(cursor: Any) -> dict[str, LastMerge]:
    """By route."""
    cursor.execute("SELECT route_id FROM hutong.last_merge")
    found = {route_id: find(cursor, route_id) for (route_id,) in cursor.fetchall()}
    return {route_id: last for route_id, last in found.items() if last is not None}


def tables(cursor: Any) -> frozenset[str]:
    """The names of all tables of what merges found."""
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename ~ %s", (SCHEMA, f"^({BEFORE}|{ADDED})")
    )
    return frozenset(name for (name,) in cursor.fetchall())


def names(route_id: str) -> tuple[str, str]:
    """Of the tables of what the route's last merge found: rows as they were, keys that came."""
    tail = route_id.removeprefix("r-")
    return BEFORE + tail, ADDED + tail


def require_going(cursor: Any, route_id: str) -> LastMerge | None:
    """The same. Raises ``ROUTE_UNDONE`` while the last merge is taken back and nobody has let the route go on."""
    found = find(cursor, route_id)
    if found is not None and found.is_paused:
        raise ExchangeError("ROUTE_UNDONE", seq=found.seq)
    return found


def note(cursor: Any, batch: Batch, tally: Tally, *, is_first: bool, is_kept: bool) -> None:
    """In place of what was noted of the merge before."""
    cursor.execute(
        "INSERT INTO hutong.last_merge (route_id, seq, rows, nulls, column_numbers, is_first, is_kept)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (route_id) DO UPDATE SET seq = excluded.seq,"
        " rows = excluded.rows, nulls = excluded.nulls, column_numbers = excluded.column_numbers,"
        " is_first = excluded.is_first, is_kept = excluded.is_kept, undone_at = NULL, undone_by = NULL,"
        " resumed_at = NULL",
        (batch.route_id, batch.seq, tally.rows, *map(_json, tally[1:]), is_first, is_kept),
    )


def note_undone(cursor: Any, batch: Batch, tally: Tally, actor: str) -> None:
    """The table holds what it held before; what was kept has served."""
    cursor.execute(
        "UPDATE hutong.last_merge SET rows = %s, nulls = %s, undone_at = clock_timestamp(), undone_by = %s"
        " WHERE route_id = %s",
        (tally.rows, _json(tally.nulls), actor, batch.route_id),
    )
    forget(cursor, batch.route_id)


def _json(counts: Mapping[str, int]) -> Any:
    return extras.Json(dict(counts))


def before(route_id: str) -> sql.Identifier:
    """The rows as they were."""
    return sql.Identifier(SCHEMA, names(route_id)[0])


def added(route_id: str) -> sql.Identifier:
    """The keys of the rows that came."""
    return sql.Identifier(SCHEMA, names(route_id)[1])


def begin(cursor: Any, batch: Batch, grant: BoundGrant) -> None:
    """Empty tables for this merge; those of the one before go."""
    forget(cursor, batch.route_id)
    _create(cursor, before(batch.route_id), grant, columns.fields(grant))
    if columns.key(grant):
        _create(cursor, added(batch.route_id), grant, columns.key(grant))


def forget(cursor: Any, route_id: str) -> None:
    for table in (before(route_id), added(route_id)):
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))


def can_keep(cursor: Any, table: str) -> bool:
    """Whether statements on the received table can say what they did: PostgreSQL allows it on none with rules."""
    cursor.execute(
        "SELECT NOT c.relhasrules FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'shared' AND c.relname = %s",
        (table,),
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def _create(cursor: Any, table: sql.Identifier, grant: BoundGrant, fields: tuple[str, ...]) -> None:
    described = [
        sql.SQL("{} {}").format(sql.Identifier(column.field), staging.type_name(column.sql_type))
        for column in columns.granted(grant)
        if column.field in fields
    ]
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(described)))
