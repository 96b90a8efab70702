"""What this node may read at its source and write at its target, grant by grant."""

import os
from typing import Any

from exchange import columns
from exchange.consumer import staging, target
from exchange.doctor.database import looked_into
from exchange.doctor.line import Line, Lines
from exchange.errors import ExchangeError
from exchange.files.source import survey
from exchange.keys.trust import TrustSet
from exchange.node import Node
from metadata.access import Grant

_WRITES = ("SELECT", "INSERT", "UPDATE", "DELETE")


def trust(node: Node) -> Lines:
    """How fresh the feed is; nothing moves under a stale one."""
    held = node.feed.load()
    if held.head is None:
        yield Line("目录登记", "bad", "还没有取到过", "恢复与目录的连接，运行 hutong node run --once。")
        return
    seconds = (held.head.valid_until - node.now()).total_seconds()
    if seconds < 0:
        # Nothing need be wrong: a head is good for a minute, and between two turns of the node nobody asks for another.
        zh = f"已过期 {-seconds / 60:.0f} 分钟，共 {held.size} 条"
        step = "运行 hutong node run --once 取一次；取不到再查与目录的连接。过期期间不移动数据。"
        yield Line("目录登记", "bad", zh, step)
    else:
        yield Line("目录登记", "ok", f"{held.size} 条，{seconds:.0f} 秒内有效")


def grants_of(held: TrustSet, node_id: str) -> list[Grant]:
    """The newest countersigned grant of each route that this node is an end of and that still stands."""
    found: dict[str, Grant] = {}
    for facts in held.grants.values():
        if facts.is_end(node_id) and facts.is_countersigned and facts.state != "terminated":
            known = found.get(facts.grant.route_id)
            if known is None or known.issued_at < facts.grant.issued_at:
                found[facts.grant.route_id] = facts.grant
    return sorted(found.values(), key=lambda grant: grant.route_id)


def rights(node: Node) -> Lines:
    ours = grants_of(node.feed.load(), node.node_id)
    tables = [grant for grant in ours if grant.kind == "table"]
    if tables:
        with looked_into(node.settings.department_url) as cursor:
            for grant in tables:
                yield _source(cursor, grant) if grant.provider.node_id == node.node_id else _target(cursor, grant)
    for grant in ours:
        if grant.kind != "table":
            yield _mount(node, grant) if grant.provider.node_id == node.node_id else _received(node, grant)


def _source(cursor: Any, grant: Grant) -> Line:
    name = f"源表 {grant.schema_name}.{grant.table}"
    cursor.execute(
        "SELECT c.oid, has_schema_privilege(n.oid, 'USAGE') FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
        (grant.schema_name, grant.table),
    )
    row = cursor.fetchone()
    if row is None:
        return Line(name, "bad", "不存在", "恢复该表，或更新目录条目并重新授权。")
    oid, may_use = row
    if not may_use:
        step = f'GRANT USAGE ON SCHEMA "{grant.schema_name}" 给节点账号。'
        return Line(name, "bad", "节点账号不能进入该模式", step)
    wanted = {column.column: column.sql_type for column in columns.granted(grant)}
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod), has_column_privilege(attrelid, attnum, 'SELECT')"
        " FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped",
        (oid,),
    )
    found = {column: (sql_type, may_read) for column, sql_type, may_read in cursor.fetchall()}
    changed = [column for column, sql_type in wanted.items() if found.get(column, ("", True))[0] != sql_type]
    denied = [column for column in wanted if not found.get(column, ("", True))[1]]
    if changed:
        return Line(name, "bad", f"列与授权时不同：{'、'.join(changed)}", "恢复这些列，或更新目录条目并重新授权。")
    if denied:
        return Line(name, "bad", f"这些列没有读取权限：{'、'.join(denied)}", "GRANT SELECT（列）给节点账号。")
    return Line(name, "ok", f"授权的 {len(wanted)} 列都可读")


def _target(cursor: Any, grant: Grant) -> Line:
    name = f"目标表 {target.SCHEMA}.{grant.target_table}"
    cursor.execute(
        "SELECT n.nspname FROM pg_namespace n WHERE n.nspname = ANY(%s) AND has_schema_privilege(n.oid, 'CREATE')",
        ([target.SCHEMA, staging.SCHEMA],),
    )
    missing = {target.SCHEMA, staging.SCHEMA} - {found for (found,) in cursor.fetchall()}
    if missing:
        schemas = "、".join(sorted(missing))
        return Line(
            name, "bad", f"节点账号不能在模式 {schemas} 建表", f"GRANT CREATE, USAGE ON SCHEMA {schemas} 给节点账号。"
        )
    cursor.execute(
        "SELECT p FROM unnest(%s) p, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND NOT has_table_privilege(c.oid, p)",
        (list(_WRITES), target.SCHEMA, grant.target_table),
    )
    denied = [privilege for (privilege,) in cursor.fetchall()]
    if denied:
        listed = ", ".join(denied)
        return Line(name, "bad", f"节点账号缺少权限 {listed}", f"GRANT {listed} 给节点账号；该表应归它所有。")
    return Line(name, "ok", "可写")


def _mount(node: Node, grant: Grant) -> Line:
    name = f"挂接 {grant.path}"
    try:
        files, total_bytes = survey(node.settings.served_folder, grant)
    except ExchangeError as error:
        return Line(name, "bad", error.zh, error.next_step)
    if not files:
        return Line(name, "bad", "里面没有文件", "确认共享盘已挂上；没有文件时不封装。")
    return Line(name, "ok", f"{files} 个文件，{total_bytes / 1024**2:.1f} MiB")


def _received(node: Node, grant: Grant) -> Line:
    name = f"收到的 {grant.target_table}"
    folder = node.received.folder
    place = folder if folder.exists() else folder.parent
    if not os.access(place, os.W_OK | os.X_OK):
        return Line(name, "bad", "收到的文件夹写不了", "核对 node.toml 的 received_folder 和节点账号的写入权限。")
    try:
        node.received.require_free(grant.target_table, grant.route_id)
    except ExchangeError as error:
        return Line(name, "bad", error.zh, error.next_step)
    return Line(name, "ok", "可写")
