"""A grant's row filter as SQL over the source's columns. Values become literals, names identifiers; never text."""

from collections.abc import Mapping

from psycopg2 import sql

from exchange.errors import ExchangeError
from metadata.access import RegionFilter, RowFilter, SinceFilter
from metadata.resource import MountColumn
from metadata.row_filters import days_of

_FROM = {
    "date": "{} >= {}::date",
    "local": "{} >= {}::timestamp without time zone",
    "instant": "{} >= {}::timestamp with time zone",
}
_MIDNIGHT = {"date": "", "local": " 00:00:00", "instant": " 00:00:00+08:00"}


def condition(row_filter: RowFilter | None, columns: Mapping[str, MountColumn], table: str) -> sql.Composable:
    """A boolean expression; ``columns`` are the granted ones by their items' fields.

    COPY takes no parameters, hence literals, which psycopg2 escapes for the connection. A filter over a field that is
    not granted has no column here and is refused (``SOURCE_DRIFT``), never ignored.
    """
    if row_filter is None:
        return sql.SQL("true")
    if row_filter.field not in columns:
        what, what_en = (
            f"筛选项 {row_filter.field} 不在授权的列中",
            f"the filter's {row_filter.field} is no granted column",
        )
        raise ExchangeError("SOURCE_DRIFT", table=table, what=what, what_en=what_en)
    column = columns[row_filter.field]
    if isinstance(row_filter, SinceFilter):
        return _since(row_filter, column, table)
    value = sql.SQL("{}::text").format(sql.Identifier(column.column))
    if isinstance(row_filter, RegionFilter):
        tests = [sql.SQL("starts_with({}, {})").format(value, sql.Literal(prefix)) for prefix in row_filter.prefixes]
        return sql.SQL("({})").format(sql.SQL(" OR ").join(tests))
    return sql.SQL("{} IN ({})").format(value, sql.SQL(", ").join(map(sql.Literal, row_filter.values)))


def _since(row_filter: SinceFilter, column: MountColumn, table: str) -> sql.Composable:
    """From midnight of the day on, in the column's own type, so that neither the server's zone nor the session's has a
    say; an index of the column serves it.
    """
    days = days_of(column.sql_type)
    if days is None:
        what = f"筛选项 {row_filter.field} 的列类型是 {column.sql_type}，不是日期或时间"
        what_en = f"the filter's {row_filter.field} is of type {column.sql_type}, no day or time"
        raise ExchangeError("SOURCE_DRIFT", table=table, what=what, what_en=what_en)
    midnight = f"{row_filter.since.isoformat()}{_MIDNIGHT[days]}"
    return sql.SQL(_FROM[days]).format(sql.Identifier(column.column), sql.Literal(midnight))
