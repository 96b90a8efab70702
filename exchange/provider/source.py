"""The source end: one consistent look at the granted rows of the department's table."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from psycopg2 import errors, extensions, sql

from exchange import columns, department, drift
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.limits import LIMITS
from exchange.ports import Checked
from exchange.provider import carriage, filters
from exchange.provider.set_aside import LeftBehind

Blame = Callable[[], AbstractContextManager[None]]
"""What goes on inside is about one table; see ``instants.blaming``."""


@dataclass(frozen=True)
class Snapshot:
    """An open read-only transaction, the id under which others may see the same, and the granted rows as a SELECT."""

    connection: Any
    snapshot_id: str
    relation: sql.Composable


@contextmanager
def snapshot(url: str, grant: BoundGrant) -> Iterator[Snapshot]:
    """Look at the source once: all that is read inside is of one instant, and the table cannot be altered meanwhile.

    The lock comes first: a REPEATABLE READ snapshot is taken by the first query, so a column renamed before the lock is
    seen as drift, and none can be renamed after it. Raises ``SOURCE_DRIFT``, ``SOURCE_LOCKED``, ``COLUMN_REFUSED``
    and the like.
    """
    with snapshots(url, [(grant, nullcontext)]) as (taken,):
        yield taken


@contextmanager
def snapshots(url: str, tables: Sequence[tuple[BoundGrant, Blame]]) -> Iterator[tuple[Snapshot, ...]]:
    """The same for several tables: one transaction, one instant. What is wrong with a table is raised inside its
    ``Blame``.
    """
    with department.connect(url, "source", "、".join(_name(grant) for grant, _ in tables)) as connection:
        connection.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            unlocked = []
            for grant, blame in tables:
                with blame(), department.faults("source", _name(grant)):
                    if not _lock(cursor, grant):
                        unlocked.append((grant, blame))
            for grant, blame in unlocked:
                with blame(), department.faults("source", _name(grant)):
                    cursor.execute(sql.SQL("SELECT FROM {} LIMIT 0").format(_table(grant)))
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot_id = cursor.fetchone()[0]
            for grant, blame in tables:
                with blame(), department.faults("source", _name(grant)):
                    _require_no_drift(cursor, grant, _name(grant))
                    carriage.require_exact(cursor, grant)
        yield tuple(Snapshot(connection, snapshot_id, relation(grant)) for grant, _ in tables)


def _lock(cursor: Any, grant: BoundGrant) -> bool:
    """False for materialized views and foreign tables, which cannot be named to LOCK: a look at them locks them,
    snapshot first. Their columns cannot be altered in place, so nothing is lost by it.
    """
    cursor.execute("SAVEPOINT locking")  # takes no snapshot; what is locked already stays so
    try:
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(_table(grant)))
    except errors.WrongObjectType:
        cursor.execute("ROLLBACK TO SAVEPOINT locking; RELEASE SAVEPOINT locking")
        return False
    cursor.execute("RELEASE SAVEPOINT locking")  # no snapshot is exported from a subtransaction
    return True


@contextmanager
def beside(url: str, grant: BoundGrant, taken: Snapshot) -> Iterator[Any]:
    """Another connection that sees what the snapshot shows and has locked the table too, while the snapshot is open."""
    with department.connect(url, "source", _name(grant)) as connection:
        connection.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", (taken.snapshot_id,))
            cursor.execute(sql.SQL("SELECT FROM {} LIMIT 0").format(_table(grant)))
        yield connection


def halves(taken: Snapshot, grant: BoundGrant) -> tuple[sql.Composable, ...]:
    """The granted rows as two SELECTs: those that lie in the first half of the table's pages, and all others. Nothing
    for a small table, and for what has no pages.
    """
    with taken.connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(c.oid), current_setting('block_size')::bigint"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'm')",
            (grant.schema_name, grant.table),
        )
        found = cursor.fetchone()
    if found is None or found[0] < LIMITS.parted_source_bytes:
        return ()
    middle = sql.Literal(f"({found[0] // found[1] // 2},0)")
    return tuple(relation(grant, within=sql.SQL(half).format(middle)) for half in ("ctid < {}::tid", "ctid >= {}::tid"))


def relation(
    grant: BoundGrant,
    more: Sequence[tuple[sql.Composable, str]] = (),
    *,
    within: sql.Composable | None = None,
) -> sql.Composable:
    """The granted columns, named by their items' fields, of the granted rows; ``more`` expressions with their names.
    ``within``: only those of which this is true, too.
    """
    selected = [
        sql.SQL("{} AS {}").format(sql.Identifier(column.column), sql.Identifier(column.field))
        for column in columns.granted(grant)
    ]
    selected += [sql.SQL("{} AS {}").format(expression, sql.Identifier(name)) for expression, name in more]
    granted = {column.field: column for column in columns.granted(grant)}
    condition = filters.condition(grant.row_filter, granted, f"{grant.schema_name}.{grant.table}")
    return sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(selected),
        _table(grant),
        condition if within is None else sql.SQL("({}) AND {}").format(condition, within),
    )


def going(grant: BoundGrant, relation: sql.Composable, set_aside: sql.Composable | None) -> sql.Composable:
    """The rows that go: all but those set aside."""
    fields = sql.SQL(", ").join(sql.Identifier("r", field) for field in columns.fields(grant))
    return sql.SQL("SELECT {} FROM ({}) r WHERE {}").format(fields, relation, rest(set_aside))


def rest(set_aside: sql.Composable | None) -> sql.Composable:
    """True for the rows of the relation ``r`` that are not set aside."""
    return sql.SQL("true") if set_aside is None else sql.SQL("({}) IS NOT TRUE").format(set_aside)


def left_behind(taken: Snapshot, grant: BoundGrant, checked: Checked) -> list[LeftBehind]:
    """The rows set aside, by key, with the rules that each breaks.

    Raises ``TRAILER_TOO_LARGE`` for more than a trailer can list.
    """
    if checked.set_aside is None:
        return []
    named = columns.key(grant) or columns.fields(grant)
    query = sql.SQL(
        "SELECT (SELECT to_jsonb(k) FROM (SELECT {}) k)::text, array_remove(ARRAY[{}]::text[], NULL)"
        " FROM ({}) r WHERE ({}) IS TRUE LIMIT {}"
    ).format(
        sql.SQL(", ").join(sql.Identifier("r", field) for field in named),
        sql.SQL(", ").join(
            sql.SQL("CASE WHEN {} THEN {} END").format(broken, sql.Literal(rule_id))
            for rule_id, broken in checked.reasons
        ),
        taken.relation,
        checked.set_aside,
        sql.Literal(LIMITS.set_aside_digests + 1),
    )
    with taken.connection.cursor() as cursor:
        cursor.execute(query)
        found = [LeftBehind(row_key, tuple(rule_ids)) for row_key, rule_ids in cursor]
    if len(found) > LIMITS.set_aside_digests:
        raise ExchangeError("TRAILER_TOO_LARGE", count=f">{LIMITS.set_aside_digests}", limit=LIMITS.set_aside_digests)
    return found


def estimated_bytes(taken: Snapshot, grant: BoundGrant) -> int:
    """What the table occupies, as the upper bound of what its batch will."""
    with taken.connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(pg_table_size(c.oid), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s",
            (grant.schema_name, grant.table),
        )
        return int(cursor.fetchone()[0])


def _require_no_drift(cursor: Any, grant: BoundGrant, name: str) -> None:
    cursor.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (grant.schema_name, grant.table),
    )
    expected = {column.column: column.sql_type for column in columns.granted(grant)}
    told = drift.differences(expected, dict(cursor.fetchall()))
    if told:
        raise ExchangeError(
            "SOURCE_DRIFT", table=name, what="；".join(zh for zh, _ in told), what_en="; ".join(en for _, en in told)
        )


def _name(grant: BoundGrant) -> str:
    return f"{grant.schema_name}.{grant.table}"


def _table(grant: BoundGrant) -> sql.Identifier:
    return sql.Identifier(grant.schema_name, grant.table)
