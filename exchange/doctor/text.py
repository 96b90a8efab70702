"""生僻字体检: what in the granted text columns will not arrive as it is meant. Counts only; no value leaves here."""

import time
from typing import Any

import psycopg2
from psycopg2 import errorcodes, sql

from exchange import columns
from exchange.doctor.database import looked_into
from exchange.doctor.line import Line, Lines
from exchange.doctor.rights import grants_of
from exchange.doctor.script import FAULTS, count
from exchange.limits import LIMITS
from exchange.node import Node
from metadata.access import Grant

_TEXT = ("character", "text", "name", "citext", "json", "xml")


def text(node: Node) -> Lines:
    """A sample of each granted table, in the order of routes, until the time is over."""
    ours = [
        grant
        for grant in grants_of(node.feed.load(), node.node_id)
        if grant.kind == "table" and grant.provider.node_id == node.node_id
    ]
    until, left_out, clean, cells = time.monotonic() + LIMITS.doctor_text_seconds, 0, 0, 0
    for grant in ours:
        if time.monotonic() > until:
            left_out += 1
            continue
        names = [column.column for column in columns.granted(grant) if column.sql_type.startswith(_TEXT)]
        place = f"{grant.schema_name}.{grant.table}"
        try:
            sampled = _sample(node.settings.department_url, grant, names) if names else []
        except psycopg2.Error as error:
            step = "其余检查不受影响；慢表请在空闲时再查，权限见“源表”一行。"
            yield Line(f"文字 {place}", "note", _reason(error), step)
            continue
        for name, values in zip(names, zip(*sampled, strict=True), strict=False):
            present = [value for value in values if value is not None]
            cells += len(present)
            found = count(present)
            clean += not found
            for fault, number in found.items():
                what, step = FAULTS[fault]
                yield Line(f"文字 {place}.{name}", "note", f"{what}：抽 {len(present)} 个值，{number} 个有", step)
    if left_out:
        yield Line("文字", "note", f"时间到，还有 {left_out} 张表没有看", "在空闲时再运行一次。")
    yield Line("文字", "ok", f"抽看 {cells} 个值，{clean} 列没有发现问题")


def _sample(url: str, grant: Grant, names: list[str]) -> list[tuple[str | None, ...]]:
    """Rows as text, each value cut: the first of the table as it lies, for a table of any size."""
    selected = [
        sql.SQL("left({}::text, {})").format(sql.Identifier(name), sql.Literal(LIMITS.doctor_value_characters))
        for name in names
    ]
    rows = min(LIMITS.doctor_rows, max(1, LIMITS.doctor_cells // len(names)))
    with looked_into(url) as cursor:
        table = sql.Identifier(grant.schema_name, grant.table)
        cursor.execute(
            sql.SQL("SELECT {} FROM {}{} LIMIT {}").format(
                sql.SQL(", ").join(selected), table, _part(cursor, grant, rows), sql.Literal(rows)
            )
        )
        found: list[tuple[str | None, ...]] = cursor.fetchall()
        return found


def _part(cursor: Any, grant: Grant, rows: int) -> sql.SQL:
    """Of a table much larger than the sample, pages from everywhere instead of its oldest rows."""
    cursor.execute(
        "SELECT c.reltuples::float8 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'm')",
        (grant.schema_name, grant.table),
    )
    row = cursor.fetchone()
    if row is None or row[0] < 10 * rows:
        return sql.SQL("")
    return sql.SQL(f" TABLESAMPLE SYSTEM ({min(100.0, 200.0 * rows / row[0]):.6f})")


def _reason(error: psycopg2.Error) -> str:
    if error.pgcode == errorcodes.QUERY_CANCELED:
        return f"{LIMITS.doctor_statement_seconds} 秒内读不出抽样"
    if error.pgcode in (errorcodes.CHARACTER_NOT_IN_REPERTOIRE, errorcodes.UNTRANSLATABLE_CHARACTER):
        return "库里的字节不是数据库声明的编码"
    return f"读不出抽样（SQLSTATE {error.pgcode or '-'}）"
