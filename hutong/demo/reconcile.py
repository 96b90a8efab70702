"""Are both ends equal? Target = granted rows and columns of the source minus the rows set aside, value for value.

This is the demo's own comparison, from its own knowledge of both databases; it shares nothing with the exchange but the
grant: it streams both sides in one order and compares the bytes of PostgreSQL's COPY.
"""

import hashlib
from collections.abc import Iterable, Mapping

from psycopg2 import sql

from hutong.demo.databases import connected
from metadata.access import EqualsFilter, Grant, SinceFilter


class _Hash:
    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.lines = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.lines += data.count(b"\n")
        return len(data)


def is_equal(source_url: str, target_url: str, grant: Grant, set_aside: Iterable[Mapping[str, str | None]]) -> bool:
    """Whether the grant's target table holds exactly what it should."""
    names = [column.column for column in grant.columns]
    column_of = {column.field: column.column for column in grant.columns}
    condition = sql.SQL("true")
    if grant.row_filter is not None:
        value = sql.SQL("{}::text").format(sql.Identifier(column_of[grant.row_filter.field]))
        if isinstance(grant.row_filter, EqualsFilter):
            condition = sql.SQL("{} = ANY({})").format(value, sql.Literal(list(grant.row_filter.values)))
        elif isinstance(grant.row_filter, SinceFilter):  # a day as the column is written, in Beijing time
            day = sql.SQL("timezone('+08'::interval, {}::timestamptz)::date")
            column = next(each for each in grant.columns if each.field == grant.row_filter.field)
            if "with time zone" not in column.sql_type:
                day = sql.SQL("{}::date")
            name = sql.Identifier(column_of[grant.row_filter.field])
            condition = sql.SQL("{} >= {}").format(day.format(name), sql.Literal(grant.row_filter.since))
        else:
            patterns = [prefix + "%" for prefix in grant.row_filter.prefixes]
            condition = sql.SQL("{} LIKE ANY({})").format(value, sql.Literal(patterns))
    for row_key in set_aside:
        same = sql.SQL(" AND ").join(
            sql.SQL("{}::text IS NOT DISTINCT FROM {}").format(sql.Identifier(column_of[field]), sql.Literal(value))
            for field, value in row_key.items()
        )
        condition = sql.SQL("{} AND NOT ({})").format(condition, same)
    source = _digest(source_url, grant.schema_name, grant.table, names, condition)
    target = _digest(
        target_url, "shared", grant.target_table, [column.field for column in grant.columns], sql.SQL("true")
    )
    return source == target


def _digest(url: str, schema: str, table: str, names: list[str], condition: sql.Composable) -> tuple[str, int]:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    order = sql.SQL(", ").join(sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name)) for name in names)
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT").format(
        columns, sql.Identifier(schema, table), condition, order
    )
    found = _Hash()
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.copy_expert(query, found)
    return found.digest.hexdigest(), found.lines
