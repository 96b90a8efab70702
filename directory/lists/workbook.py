"""Plain tables as workbooks: one sheet, one header, texts that stay texts.

Every cell of text is written as a text whatever it begins with, so no spreadsheet program takes one for a formula; days
and whole numbers are days and numbers. Read back with ``read`` by the words of the header, in any order.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import xlsxwriter

from directory.errors import DirectoryError
from directory.resources.reading import read_sheets
from directory.typed import day_in
from metadata.errors import MetadataError
from metadata.formats.spreadsheet import Cell, Row
from standards.text import without_forbidden

Value = str | int | float | date | None
MOST_ROWS: Final = 5_000
_MADE: Final = datetime(2025, 8, 1)  # noqa: DTZ001 — xlsx holds no zone; one moment, so that equal content is equal bytes
_LONGEST: Final = 32_767
_WIDE: Final = 48


@dataclass(frozen=True)
class Line:
    """One row of a file that was read: its number as people count, and the texts by the words of the header."""

    number: int
    cells: Mapping[str, str]


def write(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet called ``title``; ``notes`` stand on a second one, 说明."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "created": _MADE})
        text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        heading = book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF4", "text_wrap": True})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 1)
        widths = [2 * len(each) + 2 for each in columns]
        for index, name in enumerate(columns):
            sheet.write_string(0, index, name, heading)
        for number, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, index, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                    widths[index] = max(widths[index], 12)
                elif isinstance(value, (int, float)):
                    sheet.write_number(number, index, value)
                elif value:
                    words = without_forbidden(value)[:_LONGEST]
                    sheet.write_string(number, index, words, text)
                    widths[index] = min(_WIDE, max(widths[index], 2 * len(words)))
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        if notes:
            second = book.add_worksheet("说明")
            second.set_column(0, 0, 100, text)
            for number, note in enumerate(notes):
                second.write_string(number, 0, without_forbidden(note), text)
    return stream.getvalue()


def read(data: bytes, name: str, columns: Sequence[str], required: Sequence[str]) -> list[Line]:
    """The rows below the first row that has all ``required`` columns; other columns of ``columns`` may be missing.

    Raises ``LIST_HEADERS`` where no sheet has such a row, ``LIST_TOO_LONG``, and what reading raises.
    """
    try:
        sheets = read_sheets(data, name)
    except MetadataError as error:
        raise DirectoryError("LIST_UNREADABLE", name=name[:100], reason=error.zh) from None
    for sheet in sheets:
        for place, row in enumerate(sheet.rows):
            words = [_text(cell) for cell in row.cells]
            if set(required) <= set(words):
                at = {word: index for index, word in enumerate(words) if word in columns}
                return _lines(sheet.rows[place + 1 :], at)
    raise DirectoryError("LIST_HEADERS", missing="、".join(required))


def day_of_text(text: str) -> date | None:
    """A day as people write it, None where it is none."""
    return day_in(text.strip()[:10])


def _lines(rows: Sequence[Row], at: Mapping[str, int]) -> list[Line]:
    if len(rows) > MOST_ROWS:
        raise DirectoryError("LIST_TOO_LONG", count=len(rows), limit=MOST_ROWS)
    found = []
    for row in rows:
        cells: Sequence[Cell] = row.cells
        texts = {word: _text(cells[index]) if index < len(cells) else "" for word, index in at.items()}
        if any(texts.values()):
            found.append(Line(row.number, texts))
    return found


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
