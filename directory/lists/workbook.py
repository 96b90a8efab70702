"""Plain tables as workbooks: one sheet, one header, texts that stay texts.

Every cell of text is written as a text whatever it begins with, so no spreadsheet program takes one for a formula; days
and whole numbers are days and numbers. Read back by ``reading`` by the words of the header, in any order.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from math import ceil
from typing import Final
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from standards.text import without_forbidden

Value = str | int | float | date | None
_MADE: Final = datetime(2025, 8, 1)  # noqa: DTZ001 — xlsx holds no zone; one moment, so that equal content is equal bytes
_LONGEST: Final = 32_767
_WIDE, _WIDEST = 48, 158
"""Characters across a column: as much as reads well, and as much as the longest that people may type takes to stand in
the tallest row."""
_PAGE: Final = 200
"""So many characters across an A4 sheet laid on its side can still be read; more go on further sheets."""
_LINE, _MOST_LINES = 15, 27
"""Points of one line of text, and how many of them the tallest row has that a spreadsheet program shows."""
_WHOLE: Final = "全文"
_PIECE: Final = 1_000  # characters: 21 lines of Chinese across a page


def write(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet called ``title``; ``notes`` stand on another one, 说明.

    Rows are as tall as what stands in them, told in the file since not every program works it out, and columns wider
    where the tallest row would not do; what no row holds stands on a sheet of its own, 全文, once more and whole.
    Printed, the sheet lies on its side with the head on each page.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "created": _MADE})
        text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        plain = book.add_format({"valign": "top"})
        heading = book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF4", "text_wrap": True})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 1)
        widths, texts = [2 * len(each) + 2 for each in columns], dict[int, list[tuple[int, str]]]()
        for index, name in enumerate(columns):
            sheet.write_string(0, index, name, heading)
        for number, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, index, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                    widths[index] = max(widths[index], 12)
                elif isinstance(value, (int, float)):
                    sheet.write_number(number, index, value, plain)
                elif value:
                    words = without_forbidden(value)[:_LONGEST]
                    sheet.write_string(number, index, words, text)
                    widths[index] = max(widths[index], _width(words))
                    texts.setdefault(number, []).append((index, words))
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        cut = list[tuple[str, str]]()
        for number, cells in texts.items():
            lines = {index: _down(words, widths[index]) for index, words in cells}
            sheet.set_row(number, _LINE * min(_MOST_LINES, max(lines.values())))
            cut += [
                (f"第 {number + 1} 行“{columns[index]}”", words) for index, words in cells if lines[index] > _MOST_LINES
            ]
        _for_paper(sheet, title, sum(widths))
        if notes:
            _write_down(book.add_worksheet("说明"), title, [without_forbidden(each) for each in notes], text)
        if cut:
            pieces = [piece for place, words in cut for piece in (f"{place}：", *_pieces(words))]
            _write_down(book.add_worksheet(_WHOLE), title, pieces, text)
    return stream.getvalue()


def _write_down(sheet: Worksheet, title: str, texts: Sequence[str], look: Format) -> None:
    """One text below the other, across the whole page."""
    _for_paper(sheet, title, 0)
    sheet.set_column(0, 0, 100, look)
    for number, words in enumerate(texts):
        sheet.write_string(number, 0, words, look)
        sheet.set_row(number, _LINE * min(_MOST_LINES, _down(words, 100)))


def _for_paper(sheet: Worksheet, title: str, across: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.fit_to_pages(max(1, ceil(across / _PAGE)), 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.set_footer(f"&L{title.replace('&', '&&')}&C第 &P 页，共 &N 页&R&D")


def _across(words: str) -> int:
    """How wide a line is, in digits: a Chinese character takes two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in words)


def _width(words: str) -> int:
    """How wide a column stands that holds this: as its longest line, up to what reads well; wider only where the
    tallest row would cut it.
    """
    width = min(_WIDE, 2 + max(map(_across, words.split("\n"))))
    while width < _WIDEST and _down(words, width) > _MOST_LINES:
        width += 10
    return width


def _pieces(words: str) -> Iterator[str]:
    """A text in pieces that a row of the whole page shows."""
    for line in words.split("\n"):
        yield from (line[at : at + _PIECE] for at in range(0, len(line), _PIECE))


def _down(words: str, width: int) -> int:
    """How many lines a text takes in a column; one character of each is lost to where it may be broken."""
    return sum(max(1, ceil(_across(line) / (width - 2))) for line in words.split("\n"))
