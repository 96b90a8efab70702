"""What stands in the target: I2; what hangs in the ledger's database: I12."""

from collections.abc import Iterator

from psycopg2 import sql
from sqlalchemy import text

from exchange import department
from exchange.consumer import target
from exchange.invariants.evidence import Evidence, finding
from exchange.limits import LIMITS
from exchange.node import Node
from standards.findings import Finding

_HELD = text(
    "SELECT b.route_id, b.seq FROM batch b JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (l.classid::bigint << 32) | l.objid::bigint"
    " = hashtextextended('hutong.batch.' || b.route_id || '.' || b.seq, 0)"
    " WHERE b.leased_at < clock_timestamp() - make_interval(secs => :seconds)"
)


def filled(node: Node, found: Evidence) -> Iterator[Finding]:
    """I2: a received table has as many rows as its newest applied batch says it must."""
    url = node.settings.department_url
    with department.connect(url, "target", target.SCHEMA) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT route_id, seq, target_table FROM hutong.route_head WHERE target_table IS NOT NULL")
        for route_id, seq, table in cursor.fetchall():
            batch = found.batches.get((route_id, seq))
            if batch is None or batch.target_rows is None:
                continue
            cursor.execute("SELECT to_regclass(format('%%I.%%I', %s::text, %s::text))", (target.SCHEMA, table))
            rows = None
            if cursor.fetchone() != (None,):
                cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(target.SCHEMA, table)))
                (rows,) = cursor.fetchone()
            if rows != batch.target_rows:
                zh = f"目标表 {table} 现有 {'（表不在）' if rows is None else rows} 行，应为 {batch.target_rows} 行"
                yield finding("I2", batch.subject, zh, f"{rows} rows instead of {batch.target_rows}")


def unlocked(node: Node, _: Evidence) -> Iterator[Finding]:
    """I12: no lock of a worker that took its batch longer ago than a lease lasts."""
    with node.engine.connect() as connection:
        for route_id, seq in connection.execute(_HELD, {"seconds": LIMITS.lease_seconds}):
            zh = "批次被一个早已超时的任务锁着"
            yield finding("I12", f"{route_id}/{seq}", zh, "locked by a worker whose lease has run out")
