"""What the ledger says is not going on by itself, and what has not reached the directory."""

from collections import Counter
from datetime import timedelta

from exchange import audit, ledger
from exchange.doctor.database import looked_into
from exchange.doctor.line import Line, Lines, graded
from exchange.limits import LIMITS
from exchange.node import Node

_STUCK = timedelta(hours=24)


def batches(node: Node) -> Lines:
    with node.engine.connect() as connection:
        found = ledger.batches(connection)
    open_ones = [batch for batch in found if batch.state != "closed" and batch.replaced_by_seq is None]
    # A consumer's quarantined batch is over once a later one of its route has come.
    newest = {batch.route_id: batch.seq for batch in sorted(found, key=lambda batch: batch.seq)}
    stopped = 0
    for batch in open_ones:
        if batch.state == "quarantined" and batch.role == "consumer" and batch.seq < newest[batch.route_id]:
            continue
        if batch.state in ("held", "quarantined"):
            stopped += 1
            state = "暂候" if batch.state == "held" else "已隔离"
            yield Line(f"批次 {batch.subject}", "bad", f"{state}：{batch.code} {batch.explanation_zh}", batch.next_step)
        elif batch.code:
            zh = f"在等：{batch.code} {batch.explanation_zh}"
            yield Line(f"批次 {batch.subject}", "note", zh, batch.next_step)
        elif node.now() - batch.updated_at > _STUCK:
            zh = f"在 {batch.state} 停了超过 24 小时"
            yield Line(f"批次 {batch.subject}", "note", zh, "确认 Airflow 或 hutong node run 在运转。")
    states = Counter(batch.state for batch in found)
    zh = f"共 {len(found)} 批，办结 {states['closed']}，在途 {len(open_ones) - stopped}，停住 {stopped}"
    yield Line("批次", "ok", zh)


def backlog(node: Node) -> Lines:
    """Both audit queues: entries that wait too long stop the data."""
    with node.engine.connect() as connection:
        yield _queue("台账库审计", audit.backlog_seconds(connection))
    with looked_into(node.settings.department_url) as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM hutong.audit_out"
            " WHERE shipped_at IS NULL"
        )
        yield _queue("部门库审计", cursor.fetchone()[0])


def _queue(name: str, seconds: float) -> Line:
    zh = f"最早一条等了 {seconds:.0f} 秒" if seconds else "没有积压"
    step = f"恢复与目录的连接后运行 hutong node run --once；超过 {LIMITS.audit_backlog_seconds:.0f} 秒不移动数据。"
    return graded(name, seconds, 60.0, LIMITS.audit_backlog_seconds, zh, step)
