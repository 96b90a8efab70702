"""A table mount: columns from the system catalogue, rows by estimate, the last change by what the server kept."""

from typing import Any

from psycopg2 import sql

from exchange import department
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.probe.seen import Seen
from metadata.resource import Mount

_RELATION = """
SELECT c.oid, c.relkind, c.reltuples::bigint,
  CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) END,
  (SELECT s.n_tup_ins + s.n_tup_upd + s.n_tup_del FROM pg_stat_all_tables s WHERE s.relid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
"""
_COLUMNS = (
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
    " WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_COUNTED = frozenset({"r", "m"})


def look(url: str, mount: Mount) -> Seen:
    """Raises ``SOURCE_DOWN``, ``SOURCE_LOCKED``, ``SOURCE_DENIED``, ``MOUNT_GONE``."""
    name = f"{mount.schema_name}.{mount.table}"
    with department.connect(url, "source", name) as connection:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                (f"{LIMITS.scan_lock_seconds}s", f"{LIMITS.probe_statement_seconds}s"),
            )
            cursor.execute(_RELATION, (mount.schema_name, mount.table))
            found = cursor.fetchone()
            if found is None:
                raise ExchangeError("MOUNT_GONE", place=name)
            oid, kind, rows, size, counter = found
            cursor.execute(_COLUMNS, (oid,))
            columns = dict(cursor.fetchall())
            table = sql.Identifier(mount.schema_name, mount.table)
            cursor.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(table))  # may it be read, and is it locked
            return Seen(
                columns=columns,
                row_count=_row_count(cursor, table, rows, size),
                size_bytes=size,
                counter=counter,
                **_last_commit(cursor, table, kind),
            )


def _row_count(cursor: Any, table: sql.Identifier, estimate: int, size_bytes: int | None) -> int | None:
    """The planner's estimate; a small table that was never analysed is counted."""
    if estimate >= 0:
        return int(estimate)
    if size_bytes is None or size_bytes > LIMITS.probe_count_bytes:
        return None
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
    return int(cursor.fetchone()[0])


def _last_commit(cursor: Any, table: sql.Identifier, kind: str) -> dict[str, Any]:
    """When the newest row still there was committed, where the server keeps that (``track_commit_timestamp``).

    Reading every row's xmin is a pass over the table, so the statement's time is short, and giving up is no fault.
    """
    if kind not in _COUNTED:
        return {}
    cursor.execute("SELECT current_setting('track_commit_timestamp')")
    if cursor.fetchone()[0] != "on":
        return {}
    cursor.execute("SAVEPOINT last_commit")
    try:
        cursor.execute(
            sql.SQL(
                "SELECT max(pg_xact_commit_timestamp(x)) FROM (SELECT DISTINCT xmin AS x FROM {}) seen"
                " WHERE x::text::bigint > 2"
            ).format(table)
        )
        newest = cursor.fetchone()[0]
    except Exception as error:
        if getattr(error, "pgcode", None) is None:
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT last_commit")
        return {}
    return {} if newest is None else {"last_changed_at": newest, "changed_by": "commit_timestamp"}
