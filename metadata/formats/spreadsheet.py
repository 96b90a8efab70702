"""Sheets of cells out of the bytes of an xlsx or csv file, for input from anywhere.

Reading is bounded before and while it goes on; what cannot be read is refused by name, and nothing is guessed: a text
is UTF-8, UTF-16 with its mark, or GB 18030. Rows keep the numbers a person sees. Cells come as their values, text
stripped of surrounding white space, blank ones as None.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath

import openpyxl

from metadata.errors import MetadataError

Cell = str | int | float | bool | date | datetime | None

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # the older xls, and xlsx under a password
_CHUNK_BYTES = 1024 * 1024
_LAST_ROW = 1_048_576


@dataclass(frozen=True)
class Limits:
    """Bytes of the file; bytes and members packed in it; sheets, rows with content, columns, characters in a cell.

    ``cells`` bounds the work: cells looked at, blank ones too, and a blank row counts as one.
    """

    file_bytes: int = 50 * 1024 * 1024
    unpacked_bytes: int = 300 * 1024 * 1024
    members: int = 5_000
    sheets: int = 50
    rows: int = 100_000
    columns: int = 500
    cell_characters: int = 32_767
    cells: int = 5_000_000


LIMITS = Limits()


@dataclass(frozen=True)
class Row:
    """One row with content: its number as the program that wrote it shows it, and its cells from column A on.

    ``width`` counts the cells as written; ``cells`` leaves out the blank ones at the end.
    """

    number: int
    cells: tuple[Cell, ...]
    width: int


@dataclass(frozen=True)
class Merged:
    """A merged range, both ends in it; rows count from 1 and columns from 0, as in ``Row``."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
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
    The value of a merged range stands in each of its rows that has content; a formula's cell holds its stored result as
    it is, else the formula's text.
    """

    name: str
    rows: tuple[Row, ...]
    is_even: bool = False
    is_hidden: bool = False
    merged: tuple[Merged, ...] = ()
    formulas: tuple[Formula, ...] = ()


def read(data: bytes, name: str, limits: Limits = LIMITS) -> tuple[Sheet, ...]:
    """The sheets of a file called ``name``.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FILE_TOO_LARGE``, ``FILE_NOT_WORKBOOK``, ``FILE_ENCODING_UNKNOWN``,
    ``FILE_NUL_BYTES``, ``FILE_UNCLOSED_QUOTE``, ``FORMAT_UNKNOWN``.
    """
    if not data.strip():
        raise MetadataError("FILE_EMPTY", name=name)
    _limit(name, "字节 bytes", len(data), limits.file_bytes)
    suffix = PurePath(name).suffix.lower()
    if data.startswith(_ZIP):
        sheets = _read_xlsx(data, name, limits)
    elif suffix == ".csv":
        sheets = (_read_csv(data, name, limits),)
    elif data.startswith(_OLE):
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason="xls / password")
    elif suffix == ".xlsx":
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason="not a ZIP container")
    else:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    if not any(sheet.rows for sheet in sheets):
        raise MetadataError("FILE_EMPTY", name=name)
    return sheets


def _limit(name: str, what: str, value: int, limit: int) -> None:
    if value > limit:
        raise MetadataError("FILE_TOO_LARGE", name=name, reason=f"{what} {value:,} > {limit:,}")


def _read_xlsx(data: bytes, name: str, limits: Limits) -> tuple[Sheet, ...]:
    """By openpyxl, streaming: a cell far out costs nothing (decisions/0001)."""
    try:
        _unpack(data, name, limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions it does not keep
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                _limit(name, "工作表 sheets", len(book.worksheets), limits.sheets)
                counter = _Counter(name, limits)
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # what the sheet says of its size would widen every row
                return tuple(
                    Sheet(sheet.title, tuple(counter.rows(sheet.iter_rows(max_row=_LAST_ROW, values_only=True))))
                    for sheet in book.worksheets
                )
            finally:
                book.close()
    except MetadataError:
        raise
    except Exception as error:  # whatever a broken workbook makes the library raise
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason=type(error).__name__) from None


def _unpack(data: bytes, name: str, limits: Limits) -> None:
    """Count what really comes out of every member, whatever the directory says; refuse document type declarations."""
    left = limits.unpacked_bytes
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _limit(name, "压缩成员 members", len(archive.infolist()), limits.members)
        for member in archive.infolist():
            member.file_size = left + 2 * _CHUNK_BYTES  # what it claims would otherwise end the reading
            with archive.open(member) as stream:
                head = stream.read(_CHUNK_BYTES)
                if b"<!DOCTYPE" in head.replace(b"\0", b""):
                    raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason="DOCTYPE")
                chunk = head
                while chunk:
                    left -= len(chunk)
                    if left < 0:
                        _limit(name, "解压后字节 unpacked bytes", limits.unpacked_bytes - left, limits.unpacked_bytes)
                    chunk = stream.read(_CHUNK_BYTES)


def _read_csv(data: bytes, name: str, limits: Limits) -> Sheet:
    text = _decode(data, name)
    if "\0" in text:
        raise MetadataError("FILE_NUL_BYTES", name=name, row=text[: text.index("\0")].count("\n") + 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    counter = _Counter(name, limits)
    try:
        return Sheet(PurePath(name).stem or name, tuple(counter.rows(reader)), is_even=True)
    except csv.Error as error:
        if "field larger" in str(error):
            _limit(name, "单元格字符 characters in a cell", csv.field_size_limit() + 1, limits.cell_characters)
        raise MetadataError("FILE_UNCLOSED_QUOTE", name=name, row=counter.last_number + 1) from None


def _decode(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for candidate in dict.fromkeys((encoding, "gb18030")):
        try:
            return data.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise MetadataError("FILE_ENCODING_UNKNOWN", name=name)


class _Counter:
    """Numbers rows, leaves blank ones out, and stops at a limit. One for a whole file."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._row_count = 0
        self._cell_count = 0
        self.last_number = 0

    def rows(self, source: Iterable[Iterable[object]]) -> Iterator[Row]:
        for number, values in enumerate(source, start=1):
            self.last_number = number
            cells = [_cell(value) for value in values]
            width = len(cells)
            self._cell_count += max(width, 1)
            _limit(self._name, "单元格 cells", self._cell_count, self._limits.cells)
            while cells and cells[-1] is None:
                cells.pop()
            if not cells:
                continue
            _limit(self._name, "行号 row number", number, _LAST_ROW)
            self._row_count += 1
            _limit(self._name, "行 rows", self._row_count, self._limits.rows)
            _limit(self._name, "列 columns", len(cells), self._limits.columns)
            longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
            _limit(self._name, "单元格字符 characters in a cell", longest, self._limits.cell_characters)
            yield Row(number, tuple(cells), width)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool | int | float | date):
        return value
    return None if value is None else str(value)
