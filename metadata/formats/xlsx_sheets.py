"""The sheets of an xlsx file: values as they are stored, formulas never evaluated, merged ranges filled.

Read as a stream (decisions/0002): a cell far out, a size that is not true and a row that never ends cost nothing.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from metadata.formats.sheet import LAST_ROW, Cell, Formula, Gauge, Merged, Row, Sheet, filled
from metadata.formats.workbook_text import unescaped
from metadata.formats.xlsx_package import (
    Attributes,
    Package,
    SheetPart,
    date_styles,
    open_package,
    shared_strings,
    sheet_parts,
)

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,10})")
_TRUE = frozenset({"1", "true"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")


def read_xlsx(data: bytes, gauge: Gauge) -> tuple[Sheet, ...]:
    """The worksheets of a file, within the limits of ``gauge``.

    Raises ``MetadataError`` for what is over a limit, and anything at all for what is no workbook.
    """
    limits = gauge.limits
    package = open_package(data, limits.members, limits.unpacked_bytes, gauge.refuse_over)
    parts, is_1904 = sheet_parts(package)
    gauge.refuse_over("工作表 sheets", len(parts), limits.sheets)
    strings = shared_strings(package, limits.cells)
    dates = date_styles(package)
    epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    return tuple(_Stream(part, strings, dates, epoch, gauge).read(package) for part in parts)


class _Stream:
    """Takes the events of one sheet and makes its rows."""

    def __init__(
        self, part: SheetPart, strings: list[str], dates: Mapping[int, bool], epoch: datetime, gauge: Gauge
    ) -> None:
        self._part = part
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._gauge = gauge
        self._rows: list[Row] = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self._formulas: list[Formula] = []
        self._merged: list[Merged] = []
        self._shared_formulas: dict[str, str] = {}
        self._number = 0
        self._cells: list[Cell] = []
        self._column = -1
        self._kind, self._style = "n", 0
        self._value: str | None = None
        self._inline: list[str] | None = None
        self._formula: tuple[str, str] | None = None  # of the open cell: its text, its number where it is shared
        self._shared_number = ""
        self._phonetic_depth = 0

    def read(self, package: Package) -> Sheet:
        package.stream(self._part.member, self._start, self._end)
        rows = filled(self._rows, self._merged, self._gauge)
        return Sheet(
            self._part.name,
            tuple(rows),
            is_hidden=self._part.is_hidden,
            merged=tuple(self._merged),
            formulas=tuple(self._formulas),
            day_zero=self._epoch.date(),
            hidden_rows=tuple(self._hidden_rows),
            hidden_columns=tuple(sorted(self._hidden_columns)),
        )

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._gauge.count_cells(1)
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s") or 0)
            self._value = self._inline = self._formula = None
            self._place(attributes.get("r"))
        elif name == "row":
            self._start_row(attributes.get("r"))
            if attributes.get("hidden") in _TRUE:
                self._hidden_rows.append(self._number)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = int(attributes["min"]), min(int(attributes["max"]), self._gauge.limits.columns)
            self._hidden_columns.update(range(first - 1, last))
        elif name == "f":
            self._shared_number = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "rPh":
            self._phonetic_depth += 1
        elif name == "mergeCell":
            self._merge(attributes["ref"])

    def _end(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name == "c":
            self._end_cell()
        elif name == "t":
            if not self._phonetic_depth:
                self._inline = [*(self._inline or ()), text]
        elif name == "f":
            self._formula = (text, self._shared_number)
        elif name == "rPh":
            self._phonetic_depth -= 1
        elif name == "row":
            self._end_row()

    def _start_row(self, number: str | None) -> None:
        before = self._number
        self._number = int(float(number)) if number else before + 1
        if self._number <= before:
            raise ValueError("rows out of order")
        self._cells, self._column = [], -1

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise ValueError("not the place of a cell")
            self._column = _column_index(match[1])

    def _end_cell(self) -> None:
        text = self._value if self._inline is None else "".join(self._inline)
        value = None if not text else self._to_value(text)
        if self._formula is not None:
            value = self._take_formula(*self._formula, value)
        missing = self._column + 1 - len(self._cells)
        if missing > 1 and value is not None:
            self._gauge.refuse_over("列 columns", self._column + 1, self._gauge.limits.columns)
        if missing > 0:
            if value is None:
                return
            self._cells += [None] * missing
        self._cells[self._column] = value

    def _to_value(self, text: str) -> Cell:
        if self._kind == "s":
            return unescaped(self._strings[int(text)])
        if self._kind == "n":
            return self._to_number(text)
        if self._kind == "b":
            return bool(int(text))
        if self._kind == "d":
            return _to_cell(from_ISO8601(text))
        return unescaped(text)

    def _to_number(self, text: str) -> Cell:
        number = int(text) if _NUMBER.fullmatch(text) else float(text)
        is_duration = self._dates.get(self._style)
        if is_duration is None:
            return number
        try:
            return _to_cell(from_excel(number, self._epoch, timedelta=is_duration))
        except (OverflowError, ValueError):
            return number  # a date format on what is no day

    def _take_formula(self, text: str, shared_number: str, value: Cell) -> Cell:
        if shared_number:
            text = (
                self._shared_formulas.setdefault(shared_number, text)
                if text
                else (self._shared_formulas.get(shared_number, ""))
            )
        has_result = value is not None or (self._kind == "str" and self._value is not None)  # an empty text is a result
        self._formulas.append(Formula(self._number, self._column, f"={text}", has_result))
        return value if has_result or not text else f"={text}"

    def _end_row(self) -> None:
        if self._number <= LAST_ROW:
            row = self._gauge.take(self._number, self._cells)
            if row is not None:
                self._rows.append(row)

    def _merge(self, reference: str) -> None:
        self._gauge.count_cells(1)
        first, _, last = reference.partition(":")
        ends = [_REFERENCE.fullmatch(place) for place in (first, last or first)]
        if ends[0] is not None and ends[1] is not None:
            columns = [_column_index(end[1]) for end in ends if end]
            self._merged.append(Merged(int(ends[0][2]), int(ends[1][2]), columns[0], columns[1]))


def _to_cell(value: object) -> Cell:
    return value if isinstance(value, date) else str(value)


def _column_index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
