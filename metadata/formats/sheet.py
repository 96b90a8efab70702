"""Sheets of cells, whatever file they come from, and the limits within which files are read.

Rows keep the numbers a person sees. Cells come as their values, text stripped of surrounding white space, blank ones
as None.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from metadata.errors import MetadataError

Cell = str | int | float | bool | date | datetime | None

LAST_ROW: Final = 1_048_576
DAY_ZERO: Final = date(1899, 12, 30)  # spreadsheets count days from here, and believe in 29 February 1900
DAMAGED: Final = ("文件不完整或已损坏", "incomplete or damaged")  # why no workbook can be read
_KEPT_ONCE: Final = 50_000  # texts of which one copy is kept: departments, listed values
_SHORT: Final = 60


@dataclass(frozen=True)
class Limits:
    """Bytes of a file, of a csv file; bytes and members packed in it; sheets, rows with content, columns.

    ``cell_characters`` are those in one cell. ``cells`` bounds the work: cells looked at, blank ones too, and a blank
    row counts as one.
    """

    file_bytes: int = 50 * 1024 * 1024
    text_bytes: int = 20 * 1024 * 1024
    unpacked_bytes: int = 300 * 1024 * 1024
    members: int = 5_000
    sheets: int = 50
    rows: int = 100_000
    columns: int = 500
    cell_characters: int = 32_767
    cells: int = 3_000_000


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Row:
    """One row with content: its number as the program that wrote it shows it, and its cells from column A on.

    ``width`` counts the cells as written; ``cells`` leaves out the blank ones at the end.
    """

    number: int
    cells: tuple[Cell, ...]
    width: int


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range, both ends in it; rows count from 1 and columns from 0, as in ``Row``."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula: its text with ``=``, and whether a result was stored with it."""

    row: int
    column: int
    text: str
    has_result: bool


@dataclass(frozen=True)
class Sheet:
    """One sheet's name and its rows with content.

    A csv file is one sheet named as the file, and has an even width: each row must be as wide as the first (RFC 4180).
    The value of a merged range stands in each of its rows and columns that has content; the cell of a formula holds
    its stored result, else the formula's text. ``encoding`` is that of a text; a bare number counts days
    from ``day_zero``.
    """

    name: str
    rows: tuple[Row, ...]
    is_even: bool = False
    is_hidden: bool = False
    merged: tuple[Merged, ...] = ()
    formulas: tuple[Formula, ...] = ()
    encoding: str = ""
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    day_zero: date = DAY_ZERO


class Gauge:
    """Takes the rows of one file, and stops at a limit. ``name`` is the file's, for the refusal."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self.limits = limits
        self._row_count = 0
        self._cell_count = 0
        self._texts: dict[str, str] = {}

    def refuse_over(self, what: str, value: int, limit: int) -> None:
        """Raises ``MetadataError FILE_TOO_LARGE`` where ``value`` is over ``limit``."""
        if value > limit:
            said = f"{value:,} > {limit:,}"
            zh, _, en = what.partition(" ")
            raise MetadataError(
                "FILE_TOO_LARGE", name=self._name, reason=f"{zh} {said}", reason_en=f"{en or zh} {said}"
            )

    def count_cells(self, count: int) -> None:
        """Count cells that were looked at."""
        self._cell_count += count
        self.refuse_over("单元格 cells", self._cell_count, self.limits.cells)

    def take(self, number: int, values: list[Cell]) -> Row | None:
        """The row of these values, None for one without content."""
        width = len(values)
        self.count_cells(max(width, 1))
        cells = [self._clean(value) if isinstance(value, str) else value for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            return None
        self.refuse_over("行号 row number", number, LAST_ROW)
        self._row_count += 1
        self.refuse_over("行 rows", self._row_count, self.limits.rows)
        self.refuse_over("列 columns", len(cells), self.limits.columns)
        return Row(number, tuple(cells), width)

    def _clean(self, text: str) -> str | None:
        text = text.strip()
        if not text:
            return None
        if len(text) > self.limits.cell_characters:
            self.refuse_over("单元格字符 characters in a cell", len(text), self.limits.cell_characters)
        if len(text) > _SHORT:
            return text
        if len(self._texts) < _KEPT_ONCE:
            return self._texts.setdefault(text, text)
        return self._texts.get(text, text)


def filled(rows: list[Row], merged: Sequence[Merged], gauge: Gauge) -> list[Row]:
    """The rows with the value of each merged range in all its rows, in its first column.

    Not in its other columns: a note across the sheet is no department.
    """
    if not any(each.last_row > each.first_row for each in merged):
        return rows
    numbers = [row.number for row in rows]
    for each in merged:
        first = bisect_left(numbers, each.first_row)
        last = bisect_right(numbers, each.last_row)
        if first == last or numbers[first] != each.first_row or len(rows[first].cells) <= each.first_column:
            continue
        value = rows[first].cells[each.first_column]
        gauge.count_cells(last - first)
        for place in range(first + 1, last):
            rows[place] = _with_cell(rows[place], each.first_column, value)
    return rows


def _with_cell(row: Row, column: int, value: Cell) -> Row:
    if column < len(row.cells) and row.cells[column] is not None:
        return row
    cells = list(row.cells) + [None] * (column + 1 - len(row.cells))
    cells[column] = value
    return Row(row.number, tuple(cells), max(row.width, len(cells)))
