"""A grant's row filter as SQL over the source's columns. Values become literals, names identifiers; never text."""

from collections.abc import Mapping

from psycopg2 import sql

from exchange.errors import ExchangeError
from metadata.access import RegionFilter, RowFilter


def condition(row_filter: RowFilter | None, columns: Mapping[str, str], table: str) -> sql.Composable:
    """A boolean expression; ``columns`` maps item fields to the source's columns.

    COPY takes no parameters, hence literals, which psycopg2 escapes for the connection. A filter over a field that is
    not granted has no column here and is refused (``SOURCE_DRIFT``), never ignored.
    """
    if row_filter is None:
        return sql.SQL("true")
    if row_filter.field not in columns:
        raise ExchangeError("SOURCE_DRIFT", table=table, what=f"筛选项 {row_filter.field} 不在授权的列中")
    value = sql.SQL("{}::text").format(sql.Identifier(columns[row_filter.field]))
    if isinstance(row_filter, RegionFilter):
        tests = [sql.SQL("starts_with({}, {})").format(value, sql.Literal(prefix)) for prefix in row_filter.prefixes]
        return sql.SQL("({})").format(sql.SQL(" OR ").join(tests))
    return sql.SQL("{} IN ({})").format(value, sql.SQL(", ").join(map(sql.Literal, row_filter.values)))
