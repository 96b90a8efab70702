"""The ledger's database and the department's: reachable, current, and nothing in them that holds others up."""

import time
from typing import Any

from psycopg2 import sql

from exchange.doctor.database import looked_into
from exchange.doctor.line import Line, Lines, graded
from exchange.limits import LIMITS
from exchange.migrate import Lineage, newest
from exchange.node import Node

_HOUR = 3600.0
_GIB = 1024**3
_SLOW_SECONDS = 1.0


def ledger(node: Node) -> Lines:
    yield from _database("台账库", node.settings.database_url, "node", "public")


def department(node: Node) -> Lines:
    url = node.settings.department_url
    yield from _database("部门库", url, "target", "hutong")
    with looked_into(url) as cursor:
        yield from activity(cursor, _HOUR)
        yield from slots(cursor, _GIB)


def _database(name: str, url: str, lineage: Lineage, schema: str) -> Lines:
    begun = time.monotonic()
    with looked_into(url) as cursor:
        cursor.execute("SELECT current_setting('server_version'), getdatabaseencoding(), pg_is_in_recovery()")
        version, encoding, is_standby = cursor.fetchone()
        took = time.monotonic() - begun
        step = "数据库负载偏高或网络慢，查长事务与磁盘。"
        yield graded(name, took, _SLOW_SECONDS, LIMITS.answer_seconds, f"PostgreSQL {version}，{took:.2f} 秒", step)
        if is_standby:
            yield Line(name, "bad", "连到了只读备库", f"把 node.toml 里{name}的地址改为主库。")
        if encoding == "SQL_ASCII":
            step = "库里的字节没有声明编码，取数会失败；新建 UTF8 库后转入。"
            yield Line(f"{name}编码", "bad", encoding, step)
        elif encoding != "UTF8":
            step = "只能存该编码里的字，生僻字会被拒；有条件时转为 UTF8。"
            yield Line(f"{name}编码", "note", encoding, step)
        else:
            yield Line(f"{name}编码", "ok", encoding)
        yield _migrations(cursor, name, lineage, schema)


def _migrations(cursor: Any, name: str, lineage: Lineage, schema: str) -> Line:
    cursor.execute("SELECT to_regclass(%s)", (f"{schema}.hutong_version",))
    found, wanted = None, newest(lineage)
    if cursor.fetchone()[0] is not None:
        cursor.execute(sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(schema, "hutong_version")))
        found = (cursor.fetchone() or (None,))[0]
    if found == wanted:
        return Line(f"{name}结构", "ok", f"已是最新（{wanted}）")
    zh = f"是 {found or '空的'}，程序需要 {wanted}"
    return Line(f"{name}结构", "bad", zh, "运行 hutong node migrate；若库比程序新，先升级程序。")


def activity(cursor: Any, long_seconds: float, prepared_seconds: float = 300.0) -> Lines:
    """Transactions that keep old row versions alive (xmin), so that tables grow and increments carry rows again: a note
    from ``long_seconds`` on, bad from a day's worth of it; prepared ones, which nobody may remember, from
    ``prepared_seconds`` on and from twelve times that.
    """
    cursor.execute(
        "SELECT count(*), coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8,"
        " (array_agg(pid ORDER BY xact_start))[1] FROM pg_stat_activity"
        " WHERE xact_start IS NOT NULL AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    count, seconds, pid = cursor.fetchone()
    zh = f"{count} 个事务，最久 {seconds / 60:.0f} 分钟" + (f"（进程 {pid}）" if seconds >= long_seconds else "")
    step = "问清该进程在做什么，能停则停；它挡住清理，也使增量停在原处。"
    yield graded("部门库长事务", seconds, long_seconds, 24 * long_seconds, zh, step)
    cursor.execute(
        "SELECT count(*), coalesce(max(extract(epoch FROM now() - prepared)), 0)::float8 FROM pg_prepared_xacts"
    )
    count, seconds = cursor.fetchone()
    if count:
        zh = f"{count} 个，最久 {seconds / 60:.0f} 分钟"
        step = "由业务系统提交或回滚（COMMIT PREPARED、ROLLBACK PREPARED）；它同样挡住清理。"
        yield graded("部门库两段提交", seconds, prepared_seconds, 12 * prepared_seconds, zh, step)


def slots(cursor: Any, much_bytes: int) -> Lines:
    """Replication slots, by the log that they keep the server from removing."""
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE NOT active), coalesce(max(pg_wal_lsn_diff("
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)"
        "), 0)::float8, coalesce(max(age(xmin)), 0), coalesce(max(age(catalog_xmin)), 0) FROM pg_replication_slots"
    )
    count, idle, lag, xmin, catalog = cursor.fetchone()
    if count:
        zh = f"{count} 个，闲置 {idle} 个，最多落后 {lag / _GIB:.1f} GiB、{max(xmin, catalog)} 个事务"
        step = "闲置的复制槽会撑满磁盘并挡住清理；恢复其订阅，或确认不用后删除。"
        yield graded("部门库复制槽", lag, much_bytes, 50 * much_bytes, zh, step)
