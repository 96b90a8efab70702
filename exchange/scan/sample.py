"""A bounded look at a table's values. They are counted in this process's memory and go no further."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg2 import errors, sql

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.scan.structure import Column, Relation
from metadata.profile import ValueProfile
from metadata.recognition import MAX_VALUE_CHARACTERS, profile_values

_SAMPLED_KINDS = frozenset({"table", "materialized_view"})  # TABLESAMPLE takes no views
_PAGES = 200  # read at random when the table has more
_COLUMNS_AT_ONCE = 400  # two expressions each; PostgreSQL takes 1,664
_COUNTED_BYTES = 65_536  # the characters of longer texts are not counted: they would be read whole


def size_bytes(cursor: Any, relation: Relation) -> int | None:
    """What the table occupies with its large values, without indexes; None for a view."""
    if relation.kind in {"view", "foreign_table"}:
        return None
    cursor.execute(
        "SELECT sum(pg_table_size(coalesce(p.relid, %s)))::bigint FROM (SELECT) one"
        " LEFT JOIN pg_partition_tree(%s) p ON true",
        (relation.oid, relation.oid),
    )
    return int(cursor.fetchone()[0])


def look(
    cursor: Any, relation: Relation, columns: Sequence[Column], today: date
) -> tuple[list[ValueProfile | None], int | None]:
    """A profile for each column whose values may be seen and tell something; and the rows, if all were seen.

    Raises ``SOURCE_SLOW`` when the time for a statement is up, ``SOURCE_TEXT_BAD`` for text in no known encoding.
    """
    chosen = [number for number, column in enumerate(columns) if column.is_readable and column.is_telling]
    limit = max(min(LIMITS.scan_rows, LIMITS.scan_cells // max(len(chosen), 1)), LIMITS.scan_least_rows)
    is_sampled = relation.kind in _SAMPLED_KINDS and (pages := _pages(cursor, relation)) > _PAGES
    percent = 100 * _PAGES / pages if is_sampled else 100.0
    found: list[ValueProfile | None] = [None] * len(columns)
    seen = 0
    for start in range(0, len(chosen), _COLUMNS_AT_ONCE):
        part = chosen[start : start + _COLUMNS_AT_ONCE]
        rows = _rows(cursor, relation, [columns[number].profile.name for number in part], limit, percent)
        seen = len(rows)
        if not rows:
            break
        for place, number in enumerate(part):
            values = [row[2 * place] for row in rows]
            lengths = [row[2 * place + 1] for row in rows if row[2 * place + 1] is not None]
            found[number] = profile_values(values, lengths, today)
    return found, seen if chosen and not is_sampled and seen < limit else None


def _pages(cursor: Any, relation: Relation) -> int:
    cursor.execute("SELECT pg_relation_size(%s) / current_setting('block_size')::bigint", (relation.oid,))
    return int(cursor.fetchone()[0])


def _rows(cursor: Any, relation: Relation, names: Sequence[str], limit: int, percent: float) -> list[tuple[Any, ...]]:
    """Value and length of each column, row by row; a long text only by its length."""
    fields = []
    for name in names:
        text = sql.SQL("{}::text").format(sql.Identifier(name))
        fields.append(
            sql.SQL("CASE WHEN octet_length({0}) <= {1} THEN {0} END").format(text, sql.Literal(MAX_VALUE_CHARACTERS))
        )
        fields.append(
            sql.SQL("CASE WHEN octet_length({0}) <= {1} THEN char_length({0}) ELSE octet_length({0}) END").format(
                text, sql.Literal(_COUNTED_BYTES)
            )
        )
    query = sql.SQL("SELECT {} FROM {} {} LIMIT {}").format(
        sql.SQL(", ").join(fields),
        sql.Identifier(relation.schema_name, relation.table),
        sql.SQL("TABLESAMPLE SYSTEM ({}) REPEATABLE (1)").format(sql.Literal(percent))
        if percent < 100
        else sql.SQL(""),
        sql.Literal(limit),
    )
    try:
        cursor.execute(query)
        return list(cursor.fetchall())
    except errors.QueryCanceled:
        raise ExchangeError("SOURCE_SLOW", table=relation.name, seconds=LIMITS.scan_statement_seconds) from None
    except (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter):
        raise ExchangeError("SOURCE_TEXT_BAD", table=relation.name) from None
