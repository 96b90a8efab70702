"""The received table in schema ``shared``: made by the node, turned into the staged rows by ordinary DML.

Nothing is renamed, truncated or dropped, so views, grants, foreign keys and readers at any isolation level stay as they
are. Rows are compared by image (``*<>``): 1.0 and 1.00, or two spellings that a collation calls equal, differ.
"""

from typing import Any

from psycopg2 import sql

from exchange import columns, marks, staging
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.trust import BoundGrant

SCHEMA = "shared"


def prepare(cursor: Any, batch: Batch, grant: BoundGrant) -> None:
    """Make the table on first use; later require that it still is what the grant says.

    Raises ``TARGET_TAKEN`` for a table that is not this route's, ``TARGET_DRIFT`` for one whose columns were altered.
    """
    is_ours = marks.claim_table(cursor, batch.route_id, grant.target_table)
    found = _described(cursor, grant.target_table)
    if not found:
        _create(cursor, grant)
        return
    if not is_ours:
        raise ExchangeError("TARGET_TAKEN", table=_name(grant))
    for column in columns.granted(grant):
        if found.get(column.field) != column.sql_type:
            what = f"列 {column.field} 应为 {column.sql_type}，现为 {found.get(column.field, '缺失')}"
            raise ExchangeError("TARGET_DRIFT", table=_name(grant), what=what)


def merge(cursor: Any, batch: Batch, grant: BoundGrant) -> int:
    """Turn the table into the staged rows; returns how many rows were deleted, updated or inserted.

    Keyed: only rows that are gone, differ or are new. Keyless: all out, all in.
    """
    key = columns.key(grant)
    statements = _keyed(batch, grant, key) if key else _keyless(batch, grant)
    changed = 0
    for statement in statements:
        cursor.execute(statement)
        changed += cursor.rowcount
    return changed


def require_rows(cursor: Any, grant: BoundGrant, rows: int) -> None:
    """Raises ``TARGET_MISMATCH`` when a trigger or rule at the target has made something else of the batch."""
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(_table(grant)))
    found = cursor.fetchone()[0]
    if found != rows:
        raise ExchangeError("TARGET_MISMATCH", found=found, expected=rows)


def _keyed(batch: Batch, grant: BoundGrant, key: tuple[str, ...]) -> tuple[sql.Composable, ...]:
    fields = columns.fields(grant)
    names = {
        "t": _table(grant),
        "s": staging.table(batch),
        "same": sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("s", field), sql.Identifier("t", field)) for field in key
        ),
        "fields": sql.SQL(", ").join(map(sql.Identifier, fields)),
        "staged": sql.SQL(", ").join(sql.Identifier("s", field) for field in fields),
        "held": sql.SQL(", ").join(sql.Identifier("t", field) for field in fields),
        "assigned": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(field), sql.Identifier("s", field)) for field in fields
        ),
    }
    return (
        sql.SQL("DELETE FROM {t} t WHERE NOT EXISTS (SELECT 1 FROM {s} s WHERE {same})").format(**names),
        sql.SQL(
            "UPDATE {t} t SET {assigned} FROM {s} s WHERE {same} AND ROW({staged})::record *<> ROW({held})::record"
        ).format(**names),
        sql.SQL(
            "INSERT INTO {t} ({fields}) SELECT {staged} FROM {s} s WHERE NOT EXISTS (SELECT 1 FROM {t} t WHERE {same})"
        ).format(**names),
    )


def _keyless(batch: Batch, grant: BoundGrant) -> tuple[sql.Composable, ...]:
    fields = sql.SQL(", ").join(map(sql.Identifier, columns.fields(grant)))
    return (
        sql.SQL("DELETE FROM {}").format(_table(grant)),
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(_table(grant), fields, fields, staging.table(batch)),
    )


def _create(cursor: Any, grant: BoundGrant) -> None:
    described = [
        sql.SQL("{} {}").format(sql.Identifier(column.field), staging.type_name(column.sql_type))
        for column in columns.granted(grant)
    ]
    key = columns.key(grant)
    if key:
        described.append(sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, key))))
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(_table(grant), sql.SQL(", ").join(described)))
    cursor.execute(
        sql.SQL("COMMENT ON TABLE {} IS {}").format(
            _table(grant),
            sql.Literal(f"{grant.resource_title}（{grant.resource_identifier}，{grant.provider.org_name}）"),
        )
    )


def _described(cursor: Any, table: str) -> dict[str, str]:
    cursor.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped",
        (SCHEMA, table),
    )
    return dict(cursor.fetchall())


def _table(grant: BoundGrant) -> sql.Identifier:
    return sql.Identifier(SCHEMA, grant.target_table)


def _name(grant: BoundGrant) -> str:
    return f"{SCHEMA}.{grant.target_table}"
