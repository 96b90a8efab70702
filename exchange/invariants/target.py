"""What stands in the target: I2, I16; what hangs in the ledger's database: I12."""

from collections.abc import Iterator

from psycopg2 import sql
from sqlalchemy import text

from exchange import department
from exchange.consumer import last_merge, target, undo
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
            last = found.merges.get(route_id)
            is_undone = last is not None and last.is_undone and last.seq == seq
            expected = (
                last.tally.rows if last is not None and is_undone else None if batch is None else batch.target_rows
            )
            if batch is None or expected is None:
                continue
            cursor.execute("SELECT to_regclass(format('%%I.%%I', %s::text, %s::text))", (target.SCHEMA, table))
            rows = None
            if cursor.fetchone() != (None,):
                cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(target.SCHEMA, table)))
                (rows,) = cursor.fetchone()
            if rows != expected:
                zh = f"目标表 {table} 现有 {'（表不在）' if rows is None else rows} 行，应为 {expected} 行"
                yield finding("I2", batch.subject, zh, f"{rows} rows instead of {expected}")


def undone(_: Node, found: Evidence) -> Iterator[Finding]:
    """I16: a merge taken back in the target is so in the ledger, and the reverse; what it found is kept while it can be
    taken back, and nothing else.
    """
    for route_id, last in found.merges.items():
        batch = found.batches.get((route_id, last.seq))
        if last.is_paused and (batch is None or batch.code != undo.CODE):
            zh = "目标库里已撤销这一批，台账未记"
            yield finding("I16", f"{route_id}/{last.seq}", zh, "undone in the target only")
    for batch in found.batches.values():
        merged = found.merges.get(batch.route_id)
        if batch.code == undo.CODE and not (merged is not None and merged.seq == batch.seq and merged.is_undone):
            yield finding("I16", batch.subject, "台账记为已撤销，目标库没有撤销", "undone by the ledger only")
    owned = set()
    for route_id, last in found.merges.items():
        kept = last.is_kept and not last.is_undone
        owned |= set(last_merge.names(route_id)) if not last.is_undone else set()
        if kept and last_merge.names(route_id)[0] not in found.images:
            zh = "合并之前的行应当留着，却不在了：这一批撤销不了"
            yield finding("I16", f"{route_id}/{last.seq}", zh, "what the merge found is lost")
    for name in sorted(found.images - owned):
        yield finding("I16", f"hutong.{name}", "留下的合并前镜像没有对应的批次", "no merge owns what was kept")


def unlocked(node: Node, _: Evidence) -> Iterator[Finding]:
    """I12: no lock of a worker that took its batch longer ago than a lease lasts."""
    with node.engine.connect() as connection:
        for route_id, seq in connection.execute(_HELD, {"seconds": LIMITS.lease_seconds}):
            zh = "批次被一个早已超时的任务锁着"
            yield finding("I12", f"{route_id}/{seq}", zh, "locked by a worker whose lease has run out")
