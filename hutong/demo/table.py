"""DemoTable: one invented or loaded source table, declared once; its DDL, catalogue items and mount derive from it."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import sql

from metadata.resource import Item, Mount, MountColumn

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Column:
    """A column and the item it holds. ``sql_type`` is spelled as PostgreSQL's ``format_type`` spells it."""

    sql_type: str
    item: Item


@dataclass(frozen=True)
class DemoTable:
    """A source table of one department. ``rows`` makes the rows, as COPY text values in column order, from a seed."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    rows: Callable[[int], Iterable[Row]] = field(repr=False)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(column.item for column in self.columns)

    def mount(self, node: str) -> Mount:
        """挂接资源 for the catalogue entry."""
        return Mount(
            mount_id=f"{node}.{self.name}",
            node=node,
            table=self.name,
            columns=tuple(
                MountColumn(field=column.item.field, column=column.item.field, sql_type=column.sql_type)
                for column in self.columns
            ),
        )

    def create(self, cursor: "psycopg2.extensions.cursor", seed: int) -> int:
        """Create and fill the table unless it is there; return its number of rows.

        It gets a surrogate key of its own, as real registers have, so that a doubled business key can occur.
        """
        cursor.execute("SELECT to_regclass(%s)", (f"public.{self.name}",))
        if cursor.fetchone()[0] is None:
            columns = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column.item.field), sql.SQL(column.sql_type))
                for column in self.columns
            )
            table = sql.Identifier(self.name)
            cursor.execute(
                sql.SQL("CREATE TABLE {} (row_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {})").format(
                    table, columns
                )
            )
            cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(self.comment)))
            names = sql.SQL(", ").join(sql.Identifier(column.item.field) for column in self.columns)
            cursor.copy_expert(
                sql.SQL("COPY {} ({}) FROM STDIN").format(table, names), _CopyText(self.rows(seed)), size=1 << 16
            )
            cursor.execute(sql.SQL("ANALYZE {}").format(table))
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self.name)))
        return int(cursor.fetchone()[0])


class _CopyText(io.TextIOBase):
    """Rows as the text form of COPY, made while PostgreSQL reads, so that no table stands in memory whole."""

    _ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)
        self._rest = ""

    def read(self, size: int | None = -1) -> str:
        wanted = size if size is not None and size >= 0 else 1 << 16
        parts, count = [self._rest], len(self._rest)
        while count < wanted:
            row = next(self._rows, None)
            if row is None:
                break
            line = "\t".join("\\N" if value is None else value.translate(self._ESCAPES) for value in row) + "\n"
            parts.append(line)
            count += len(line)
        text = "".join(parts)
        self._rest = text[wanted:]
        return text[:wanted]
