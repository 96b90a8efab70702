"""The change table that a department may install beside a source table: which keys were written, by which transaction.

It is filled by triggers in the writer's own transaction, so an entry is committed exactly when the change is, however
late; the transaction's id says whether a snapshot has seen it. It holds keys only, in their own types. The triggers
fire ``ALWAYS``, also for a replication worker. Its objects are named by a digest of the table's name.
"""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from exchange import columns, department
from exchange.consumer import staging
from exchange.errors import ExchangeError
from exchange.keys.trust import BoundGrant
from metadata.record import canonical_bytes
from standards.crypto import digest_hex

_TXID, _TRUNCATED = "hutong_txid", "hutong_truncated"
_TRIGGERS = ("hutong_changes", "hutong_truncated")

# The template: {log} and {note} are made in schema hutong, {source} is the department's table.
_INSTALL = """
CREATE TABLE {log} (
    hutong_txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    hutong_truncated boolean NOT NULL DEFAULT false,
    {described}
);
CREATE INDEX ON {log} (hutong_txid);
REVOKE ALL ON {log} FROM PUBLIC;
ALTER TABLE {log} OWNER TO {owner};
CREATE FUNCTION {note}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $note$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO {log} (hutong_truncated) VALUES (true);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO {log} ({names}) VALUES ({new});
    ELSE
        INSERT INTO {log} ({names}) VALUES ({old});
        IF TG_OP = 'UPDATE' AND ROW({new})::record *<> ROW({old})::record THEN
            INSERT INTO {log} ({names}) VALUES ({new});
        END IF;
    END IF;
    RETURN NULL;
END
$note$;
REVOKE ALL ON FUNCTION {note}() FROM PUBLIC;
ALTER FUNCTION {note}() OWNER TO {owner};
CREATE TRIGGER hutong_changes AFTER INSERT OR UPDATE OR DELETE ON {source} FOR EACH ROW EXECUTE FUNCTION {note}();
CREATE TRIGGER hutong_truncated AFTER TRUNCATE ON {source} FOR EACH STATEMENT EXECUTE FUNCTION {note}();
ALTER TABLE {source} ENABLE ALWAYS TRIGGER hutong_changes;
ALTER TABLE {source} ENABLE ALWAYS TRIGGER hutong_truncated;
INSERT INTO hutong.change_horizon (schema_name, table_name, kept_from)
    VALUES ({schema_name}, {table_name}, '0')
    ON CONFLICT (schema_name, table_name) DO UPDATE SET kept_from = excluded.kept_from;
"""
_REMOVE = """
DROP TRIGGER IF EXISTS hutong_changes ON {source};
DROP TRIGGER IF EXISTS hutong_truncated ON {source};
DROP FUNCTION IF EXISTS {note}();
DROP TABLE IF EXISTS {log};
DELETE FROM hutong.change_horizon WHERE schema_name = {schema_name} AND table_name = {table_name};
"""
_DIGEST = """
SELECT t.tgrelid::bigint, t.tgname, t.oid::bigint, t.xmin::text, p.oid::bigint, p.xmin::text
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid IN (SELECT relid FROM pg_partition_tree(to_regclass(%(source)s)) UNION SELECT to_regclass(%(source)s))
    AND t.tgname = ANY (%(triggers)s) AND t.tgenabled = 'A'
ORDER BY 1, 2
"""
_MEMBERS = """
SELECT 1 + (SELECT count(*) FROM pg_partition_tree(to_regclass(%(source)s)) WHERE level > 0), EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
    WHERE i.inhparent = to_regclass(%(source)s) AND c.relkind = 'r'
)
"""
_LOG = """
SELECT c.oid::bigint, c.relfilenode::bigint, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = 'hutong' AND c.relname = %(log)s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_KEY = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass(%(source)s) AND i.indisprimary ORDER BY k.place
"""


@dataclass(frozen=True)
class Installed:
    """A change table as it stands: its key's columns, its entries, and whether its triggers catch everything."""

    key: tuple[str, ...]
    entries: int
    kept_from: int | None
    is_whole: bool


def log_of(schema_name: str, table: str) -> sql.Identifier:
    """The change table of a source table."""
    return sql.Identifier("hutong", f"changes_{_name_of(schema_name, table)}")


def script(url: str, schema_name: str, table: str, key: tuple[str, ...] = ()) -> str:
    """The SQL that installs it, for the node's account or the department's own administrator.

    ``key``: the columns that identify a row, by default the primary key's. Raises ``SOURCE_DRIFT`` for a column
    that is not there, ``CHANGES_NO_KEY``, ``MOUNT_GONE`` for no such table.
    """
    with department.connect(url, "source", f"{schema_name}.{table}") as connection, connection.cursor() as cursor:
        typed = _key(cursor, schema_name, table, key)
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        quoted = [sql.Identifier(name) for name in typed]
        written = sql.SQL(_INSTALL).format(
            **_names(schema_name, table),
            owner=sql.Identifier(owner),
            described=sql.SQL(",\n    ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), staging.type_name(kind)) for name, kind in typed.items()
            ),
            names=sql.SQL(", ").join(quoted),
            new=sql.SQL(", ").join(sql.SQL("NEW.{}").format(name) for name in quoted),
            old=sql.SQL(", ").join(sql.SQL("OLD.{}").format(name) for name in quoted),
        )
        return str(written.as_string(connection)).strip() + "\n"


def removal(url: str, schema_name: str, table: str) -> str:
    """The SQL that takes it away again."""
    with department.connect(url, "source", f"{schema_name}.{table}") as connection:
        return str(sql.SQL(_REMOVE).format(**_names(schema_name, table)).as_string(connection)).strip() + "\n"


def apply(url: str, schema_name: str, table: str, statements: str) -> None:
    """Run ``script`` or ``removal`` under the node's own account, all or nothing. Raises ``SOURCE_DENIED``,
    ``SOURCE_LOCKED``.
    """
    with department.connect(url, "source", f"{schema_name}.{table}") as connection:
        with connection.cursor() as cursor:
            cursor.execute(statements)
        connection.commit()


def status(url: str, schema_name: str, table: str) -> Installed | None:
    """None when there is none."""
    with department.connect(url, "source", f"{schema_name}.{table}") as connection, connection.cursor() as cursor:
        log = _log(cursor, schema_name, table)
        if not log:
            return None
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(log_of(schema_name, table)))
        entries = cursor.fetchone()[0]
        horizon = kept_from(cursor, schema_name, table)
        return Installed(tuple(_key_of(log)), entries, horizon, bool(_triggers(cursor, schema_name, table)))


def digest(cursor: Any, grant: BoundGrant) -> str:
    """Which change table and triggers stand; empty unless they catch every change of the granted key.

    Triggers and function by the transaction that wrote them: disabled for a while, they are others afterwards.
    """
    log = _log(cursor, grant.schema_name, grant.table)
    types = {column.column: column.sql_type for column in columns.granted(grant)}
    names = columns.names(grant)
    if not log or _key_of(log) != {names[field]: types[names[field]] for field in columns.key(grant)}:
        return ""
    triggers = _triggers(cursor, grant.schema_name, grant.table)
    return digest_hex(canonical_bytes({"log": [list(row) for row in log], "triggers": triggers})) if triggers else ""


def kept_from(cursor: Any, schema_name: str, table: str) -> int | None:
    """The transaction from which on all entries are still there."""
    cursor.execute(
        "SELECT kept_from::text::bigint FROM hutong.change_horizon WHERE schema_name = %s AND table_name = %s",
        (schema_name, table),
    )
    row = cursor.fetchone()
    return None if row is None else int(row[0])


def prune(url: str, schema_name: str, table: str, before: int) -> None:
    """Forget entries of transactions before this one, which every batch still to be sealed has behind it."""
    with department.connect(url, "source", f"{schema_name}.{table}") as connection:
        with connection.cursor() as cursor:
            if not _log(cursor, schema_name, table):
                return
            cursor.execute(
                "UPDATE hutong.change_horizon SET kept_from = greatest(kept_from, %s::text::xid8)"
                " WHERE schema_name = %s AND table_name = %s",
                (str(before), schema_name, table),
            )
            forget = sql.SQL("DELETE FROM {} WHERE hutong_txid < %s::text::xid8").format(log_of(schema_name, table))
            cursor.execute(forget, (str(before),))
        connection.commit()


def _names(schema_name: str, table: str) -> dict[str, sql.Composable]:
    return {
        "log": log_of(schema_name, table),
        "note": sql.Identifier("hutong", f"note_{_name_of(schema_name, table)}"),
        "source": sql.Identifier(schema_name, table),
        "schema_name": sql.Literal(schema_name),
        "table_name": sql.Literal(table),
    }


def _name_of(schema_name: str, table: str) -> str:
    return digest_hex(canonical_bytes([schema_name, table]))[:16]


def _key(cursor: Any, schema_name: str, table: str, key: tuple[str, ...]) -> dict[str, str]:
    """The key's columns and types."""
    values = {"source": _quoted(cursor, schema_name, table)}
    cursor.execute("SELECT to_regclass(%(source)s) IS NULL", values)
    if cursor.fetchone()[0]:
        raise ExchangeError("MOUNT_GONE", place=f"{schema_name}.{table}")
    if not key:
        cursor.execute(_KEY, values)
        found = dict(cursor.fetchall())
        if not found:
            raise ExchangeError("CHANGES_NO_KEY", table=f"{schema_name}.{table}")
        return found
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = to_regclass(%(source)s) AND attnum > 0 AND NOT attisdropped",
        values,
    )
    types = dict(cursor.fetchall())
    for name in key:
        if name not in types:
            what, what_en = f"缺少列 {name}", f"column {name} is missing"
            raise ExchangeError("SOURCE_DRIFT", table=f"{schema_name}.{table}", what=what, what_en=what_en)
    return {name: types[name] for name in key}


def _log(cursor: Any, schema_name: str, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(_LOG, {"log": f"changes_{_name_of(schema_name, table)}"})
    return list(cursor.fetchall())


def _key_of(log: list[tuple[Any, ...]]) -> dict[str, str]:
    return {name: sql_type for _, _, name, sql_type in log if name not in (_TXID, _TRUNCATED)}


def _triggers(cursor: Any, schema_name: str, table: str) -> list[list[Any]]:
    """Those that always fire, by table; none unless every table that rows can be in has one."""
    values = {"source": _quoted(cursor, schema_name, table), "triggers": list(_TRIGGERS)}
    cursor.execute(_DIGEST, values)
    found = [list(row) for row in cursor.fetchall()]
    cursor.execute(_MEMBERS, values)
    members, has_heirs = cursor.fetchone()
    row_triggers = sum(name == _TRIGGERS[0] for _, name, *_ in found)
    has_truncate = any(name == _TRIGGERS[1] for _, name, *_ in found)
    return found if row_triggers == members and has_truncate and not has_heirs else []


def _quoted(cursor: Any, schema_name: str, table: str) -> str:
    return str(sql.Identifier(schema_name, table).as_string(cursor.connection))
