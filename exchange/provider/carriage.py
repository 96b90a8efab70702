"""Which columns arrive bit for bit, and why another does not: looked at before anything is sent.

COPY carries every value of PostgreSQL's own types exactly, with the settings of ``exchange.rows``. What it cannot carry
are values that mean something only where they are (an object's number, a currency of the server's), types that the
other database does not have, bytes that are no text in UTF-8, and rows that the source hides from this node.
"""

from dataclasses import dataclass
from typing import Any

from exchange import columns, department
from exchange.errors import ExchangeError
from metadata.access import Grant

# Types of pg_catalog whose values do not mean the same in another database.
_LOCAL = {
    "regclass": "值是本库对象的编号",
    "regcollation": "值是本库对象的编号",
    "regconfig": "值是本库对象的编号",
    "regdictionary": "值是本库对象的编号",
    "regnamespace": "值是本库对象的编号",
    "regoper": "值是本库对象的编号",
    "regoperator": "值是本库对象的编号",
    "regproc": "值是本库对象的编号",
    "regprocedure": "值是本库对象的编号",
    "regrole": "值是本库对象的编号",
    "regtype": "值是本库对象的编号",
    "aclitem": "值里有本库的角色",
    "cid": "值是本库的命令号",
    "tid": "值是行的物理位置",
    "xid": "值是本库的事务号",
    "xid8": "值是本库的事务号",
    "pg_snapshot": "值是本库的事务号",
    "txid_snapshot": "值是本库的事务号",
    "pg_lsn": "值是本库日志的位置",
    "money": "币种和小数位数随服务器的区域设置而变",
}
_KINDS = {"c": "复合类型", "d": "域", "e": "枚举", "r": "范围类型", "m": "多范围类型", "b": "扩展类型"}
_HOW = {
    "c": "请在视图中拆成若干列",
    "d": "请在视图中转为它的基础类型",
    "e": "请在视图中转为 text，取值登记为代码表",
}

# A column's own type and, for an array, its element's; a type of an extension or a schema of the department's has
# another namespace than pg_catalog.
_TYPES = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(e.typname, t.typname), coalesce(e.typtype, t.typtype),
  n.nspname = 'pg_catalog'
FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON s.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  JOIN pg_namespace n ON n.oid = coalesce(e.typnamespace, t.typnamespace)
WHERE s.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attnum
"""


@dataclass(frozen=True)
class Column:
    """How a column's values would travel; ``reason``: why they cannot (Chinese), empty when they arrive bit for bit.

    ``is_binary``: they may go in COPY's binary form, as all of a batch do when all its columns may.
    """

    name: str
    sql_type: str
    is_binary: bool
    reason: str


@dataclass(frozen=True)
class Examined:
    """A table's columns, and what forbids to send the table whatever its columns (``SOURCE_ENCODING`` …)."""

    columns: tuple[Column, ...]
    trouble: ExchangeError | None


def examine(url: str, schema: str, table: str) -> Examined:
    """What of a table could be granted, before anybody is asked. Reads no row. Raises ``MOUNT_GONE``, ``SOURCE_DOWN``
    and the like.
    """
    name = f"{schema}.{table}"
    with department.connect(url, "source", name) as connection:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            found = tuple(_columns(cursor, schema, table).values())
            if not found:
                raise ExchangeError("MOUNT_GONE", place=name)
            try:
                _require_open(cursor, schema, table)
            except ExchangeError as trouble:
                return Examined(found, trouble)
    return Examined(found, None)


def require_exact(cursor: Any, grant: Grant) -> None:
    """Refuse what would not arrive as it left: raises ``COLUMN_REFUSED`` with every column and its reason,
    ``SOURCE_ENCODING`` or ``SOURCE_HIDDEN``.
    """
    found = _columns(cursor, grant.schema_name, grant.table)
    granted = [(each, found[each.column].reason) for each in columns.granted(grant)]
    refused = [(each, reason) for each, reason in granted if reason]
    if refused:
        raise ExchangeError(
            "COLUMN_REFUSED",
            table=f"{grant.schema_name}.{grant.table}",
            what="；".join(f"{each.column}（{each.sql_type}）：{reason}" for each, reason in refused),
            what_en=[f"{each.column} ({each.sql_type})" for each, _ in refused],
        )
    _require_open(cursor, grant.schema_name, grant.table)


def _require_open(cursor: Any, schema: str, table: str) -> None:
    cursor.execute("SHOW server_encoding")
    (encoding,) = cursor.fetchone()
    if encoding == "SQL_ASCII":
        raise ExchangeError("SOURCE_ENCODING", encoding=encoding)
    cursor.execute("SELECT row_security_active(format('%%I.%%I', %s::text, %s::text))", (schema, table))
    if cursor.fetchone()[0]:
        raise ExchangeError("SOURCE_HIDDEN", table=f"{schema}.{table}")


def _columns(cursor: Any, schema: str, table: str) -> dict[str, Column]:
    cursor.execute(_TYPES, (schema, table))
    return {
        name: Column(name, sql_type, columns.is_binary(sql_type), _reason(type_name, kind, is_ours))
        for name, sql_type, type_name, kind, is_ours in cursor.fetchall()
    }


def _reason(type_name: str, kind: str, is_ours: bool) -> str:
    """Why values of this type cannot travel, and what to do; empty when they can."""
    if is_ours:
        return f"{_LOCAL[type_name]}，请在视图中转为 text 或 numeric" if type_name in _LOCAL else ""
    return f"{_KINDS[kind]}只在本库有定义，{_HOW.get(kind, '请在视图中转为 text')}"
