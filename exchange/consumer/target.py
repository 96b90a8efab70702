"""The received table in schema ``shared``: made by the node, turned into the staged rows by ordinary DML (``merge``).

No received table is ever renamed, truncated or dropped, so views, grants, foreign keys and readers at any isolation
level stay as they are. Only where there is none yet does a staging table become it (decisions/0019).
"""

from typing import Any

from psycopg2 import sql

from exchange import columns, drift
from exchange.consumer import last_merge, marks, staging
from exchange.consumer.last_merge import Tally
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch

SCHEMA = "shared"

_NAME_BYTES = 63  # PostgreSQL cuts longer names (NAMEDATALEN - 1)

# What ALTER DEFAULT PRIVILEGES IN SCHEMA shared would have given to a table made there.
_DEFAULT_GRANTS = """
SELECT a.privilege_type, CASE WHEN a.grantee <> 0 THEN a.grantee::regrole::text END, a.is_grantable
FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
WHERE n.nspname = %s AND d.defaclobjtype = 'r' AND d.defaclrole = current_user::regrole
"""
_PRIMARY_KEY = """
SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
WHERE n.nspname = %s AND c.relname = %s AND i.indisprimary
"""


def prepare(cursor: Any, batch: Batch, grant: BoundGrant) -> bool:
    """Make the table on first use; later require that it still is what the grant says. Whether it was made.

    Raises ``TARGET_TAKEN`` for a table that is not this route's, ``TARGET_DRIFT`` for one that was altered.
    """
    is_ours = marks.claim_table(cursor, batch.route_id, grant.target_table)
    found = _described(cursor, grant.target_table)
    if not found:
        _create(cursor, grant)
        return True
    if not is_ours:
        raise ExchangeError("TARGET_TAKEN", table=_name(grant))
    require_shape(cursor, grant)
    return False


def grow(cursor: Any, batch: Batch, grant: BoundGrant) -> bool:
    """Add the columns that the table's last merge, under another grant, did not know of; whether there were any.

    Empty ones, which rewrite no row and disturb no view; all rows come with the batch. A column that stood there at the
    last merge and is gone now was taken by somebody, and is not put back.
    """
    last = last_merge.find(cursor, batch.route_id)
    if batch.kind != "full" or last is None or not last.tally.numbers:
        return False
    if marks.granted(cursor, batch.route_id, last.seq) == batch.grant_id:
        return False
    known = _described(cursor, grant.target_table).keys() | last.tally.numbers.keys()
    new = [column for column in columns.granted(grant) if column.field not in known]
    if not new or not _is_of(cursor, batch.route_id, grant.target_table):
        return False
    added = sql.SQL(", ").join(
        sql.SQL("ADD COLUMN {} {}").format(sql.Identifier(column.field), staging.type_name(column.sql_type))
        for column in new
    )
    cursor.execute(sql.SQL("ALTER TABLE {} {}").format(table(grant), added))
    return True


def _is_of(cursor: Any, route_id: str, name: str) -> bool:
    cursor.execute("SELECT count(*) FROM hutong.route_head WHERE route_id = %s AND target_table = %s", (route_id, name))
    return bool(cursor.fetchone()[0]) and bool(_described(cursor, name))


def is_adoptable(cursor: Any, batch: Batch, grant: BoundGrant) -> bool:
    """Whether the staged table can become the received one: there is none yet, it was made for this, and no reader with
    an old snapshot would see the rows of one of its writers only.
    """
    if batch.kind != "full" or exists(cursor, grant) or _staged_key(cursor, batch) != set(columns.key(grant)):
        return False
    writers = staging.writers(cursor, batch)
    return writers.is_seen or not writers.xids


def adopt(cursor: Any, batch: Batch, grant: BoundGrant) -> None:
    """The staged table, if it is adoptable, becomes the received one, with all its rows at once.

    Raises ``TARGET_TAKEN``.
    """
    writers = staging.writers(cursor, batch)
    marks.claim_table(cursor, batch.route_id, grant.target_table)
    name = staging.name_of(batch.route_id, batch.seq)
    cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(staging.table(batch), sql.Identifier(SCHEMA)))
    moved = sql.Identifier(SCHEMA, name)
    cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(moved, sql.Identifier(grant.target_table)))
    cursor.execute(sql.SQL("ALTER TABLE {} RESET (autovacuum_enabled, toast.autovacuum_enabled)").format(table(grant)))
    _name_key(cursor, grant, name)
    _describe(cursor, grant)
    marks.note_writers(cursor, batch, table(grant), writers.xids)
    cursor.execute(_DEFAULT_GRANTS, (SCHEMA,))
    for privilege, role, may_pass_on in cursor.fetchall():
        cursor.execute(
            sql.SQL("GRANT {} ON {} TO {}{}").format(
                sql.SQL(privilege),
                table(grant),
                sql.SQL("PUBLIC" if role is None else role),
                sql.SQL(" WITH GRANT OPTION" if may_pass_on else ""),
            )
        )


def _name_key(cursor: Any, grant: BoundGrant, staged: str) -> None:
    """The key's index as it would be called in a table made here, unless that name is too long or taken."""
    old, new = f"{staged}_pkey", f"{grant.target_table}_pkey"
    cursor.execute("SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NULL", (SCHEMA, new))
    is_free = cursor.fetchone()[0]
    if columns.key(grant) and is_free and len(new.encode()) <= _NAME_BYTES:
        cursor.execute(
            sql.SQL("ALTER TABLE {} RENAME CONSTRAINT {} TO {}").format(
                table(grant), sql.Identifier(old), sql.Identifier(new)
            )
        )


def exists(cursor: Any, grant: BoundGrant) -> bool:
    return bool(_described(cursor, grant.target_table))


def require_shape(cursor: Any, grant: BoundGrant) -> None:
    """Raises ``TARGET_DRIFT`` with every difference of columns, types and key."""
    expected = {column.field: column.sql_type for column in columns.granted(grant)}
    told = drift.differences(expected, _described(cursor, grant.target_table))
    found = _key_of(cursor, SCHEMA, grant.target_table)
    if columns.key(grant) and sorted(found) != sorted(columns.key(grant)):
        wanted = columns.key(grant)
        zh = f"主键应为 {'、'.join(wanted)}，现为 {'、'.join(found) or '无'}"
        told.append((zh, f"the key should be {', '.join(wanted)} and is {', '.join(found) or 'none'}"))
    if told:
        what, what_en = "；".join(zh for zh, _ in told), "; ".join(en for _, en in told)
        raise ExchangeError("TARGET_DRIFT", table=_name(grant), what=what, what_en=what_en)


def tally(cursor: Any, grant: BoundGrant) -> Tally:
    """How many rows it holds, and nulls by column; a key has none."""
    fields = [field for field in columns.fields(grant) if field not in columns.key(grant)]
    counts = sql.SQL(", ").join(
        [sql.SQL("count(*)"), *(sql.SQL("count({})").format(sql.Identifier(f)) for f in fields)]
    )
    cursor.execute(sql.SQL("SELECT {} FROM {}").format(counts, table(grant)))
    rows, *filled = cursor.fetchone()
    nulls = {field: rows - count for field, count in zip(fields, filled, strict=True)}
    return Tally(rows, nulls, numbers(cursor, grant))


def numbers(cursor: Any, grant: BoundGrant) -> dict[str, int]:
    """PostgreSQL's number of each column."""
    cursor.execute(
        "SELECT a.attname, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped",
        (SCHEMA, grant.target_table),
    )
    return dict(cursor.fetchall())


def table(grant: BoundGrant) -> sql.Identifier:
    return sql.Identifier(SCHEMA, grant.target_table)


def _create(cursor: Any, grant: BoundGrant) -> None:
    described = [
        sql.SQL("{} {}").format(sql.Identifier(column.field), staging.type_name(column.sql_type))
        for column in columns.granted(grant)
    ]
    key = columns.key(grant)
    if key:
        described.append(sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, key))))
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table(grant), sql.SQL(", ").join(described)))
    _describe(cursor, grant)


def _describe(cursor: Any, grant: BoundGrant) -> None:
    cursor.execute(
        sql.SQL("COMMENT ON TABLE {} IS {}").format(
            table(grant),
            sql.Literal(f"{grant.resource_title}（{grant.resource_identifier}，{grant.provider.org_name}）"),
        )
    )


def _staged_key(cursor: Any, batch: Batch) -> set[str]:
    return set(_key_of(cursor, staging.SCHEMA, staging.name_of(batch.route_id, batch.seq)))


def _key_of(cursor: Any, schema: str, name: str) -> list[str]:
    cursor.execute(_PRIMARY_KEY, (schema, name))
    return [column for (column,) in cursor.fetchall()]


def _described(cursor: Any, name: str) -> dict[str, str]:
    cursor.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY a.attnum",
        (SCHEMA, name),
    )
    return dict(cursor.fetchall())


def _name(grant: BoundGrant) -> str:
    return f"{SCHEMA}.{grant.target_table}"
