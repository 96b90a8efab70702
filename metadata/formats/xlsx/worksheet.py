"""Cells of one sheet changed in its bytes: the cells named, and nothing else.

A value put takes the place of the cell's content and keeps its style; a cell that is not there yet takes the style of
its row or column, as a spreadsheet program would give it. Nothing put is ever a formula: text is an inline string.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from metadata.errors import MetadataError
from metadata.formats.workbook_findings import column_letters
from metadata.formats.xlsx.markup import Edit, Handler, apply, find, parse, spanned, tag, text

Place = tuple[int, int]  # row from 1, column from 0
Restyle = Callable[[int], int]


@dataclass(frozen=True)
class Change:
    """What becomes of a cell. ``value`` None leaves it, empty clears it; ``restyle`` maps its style's number."""

    value: str | None = None
    is_number: bool = False
    restyle: Restyle | None = None


@dataclass
class _Row:
    """A row that is to be changed: its tag, and the markup to put into it."""

    number: int
    start: int
    attributes: Mapping[str, str]
    waiting: list[int]  # columns to be changed and not met yet, in order
    inserted: dict[int, str] = field(default_factory=dict)  # by the byte before which they stand
    is_opened: bool = True


def change_cells(part: bytes, changes: Mapping[Place, Change], sheet: str) -> bytes:
    """The sheet with the changes made; raises ``MetadataError CELL_COMPUTED`` for a value put over a formula."""
    if not changes:
        return part
    scan = _Scan(part, changes, sheet)
    parse(part, scan)
    return apply(part, scan.edits)


class _Scan(Handler):
    """Walks the sheet once and collects the edits. Cells and rows without a reference follow the one before."""

    def __init__(self, part: bytes, changes: Mapping[Place, Change], sheet: str) -> None:
        self._part = part
        self._changes = changes
        self._sheet = sheet
        self._rows: dict[int, list[int]] = {}
        for row, column in sorted(changes):
            self._rows.setdefault(row, []).append(column)
        self._column_styles = _column_styles(part)
        self._row: _Row | None = None
        self._row_number = 0
        self._column = -1
        self._cell: tuple[Change, dict[str, str], int] | None = None
        self._has_formula = False
        self._data: tuple[dict[str, str], int] = ({}, 0)
        self.edits: list[Edit] = []

    def begin(self, name: str, attributes: dict[str, str], at: int) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._begin_cell(name, attributes, at)
        elif local == "row":
            self._begin_row(name, attributes, at)
        elif local == "f" and self._cell is not None:
            self._has_formula = True
        elif local == "sheetData":
            self._data = attributes, at

    def finish(self, name: str, at: int) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            if self._cell is not None:
                self._finish_cell(name, at)
        elif local == "row":
            if self._row is not None:
                self._finish_row(name, at)
        elif local == "sheetData" and self._rows:
            self._finish_data(name, at)

    def _begin_row(self, name: str, attributes: dict[str, str], at: int) -> None:
        self._row_number = int(float(attributes.get("r") or self._row_number + 1))
        self._column = -1
        prefix = name.removesuffix("row")
        for number in [each for each in self._rows if each < self._row_number]:
            self.edits.append(Edit(at, at, self._new_row(prefix, number).encode()))
        columns = self._rows.pop(self._row_number, None)
        self._row = None if columns is None else _Row(self._row_number, at, attributes, columns)

    def _begin_cell(self, name: str, attributes: dict[str, str], at: int) -> None:
        reference = attributes.get("r")
        self._column = column_index(reference) if reference else self._column + 1
        if self._row is None:
            return
        while self._row.waiting and self._row.waiting[0] < self._column:
            self._insert(name.removesuffix("c"), self._row.waiting.pop(0), at)
        if self._row.waiting and self._row.waiting[0] == self._column:
            self._row.waiting.pop(0)
            self._cell = self._changes[self._row_number, self._column], attributes, at
            self._has_formula = False

    def _finish_cell(self, name: str, at: int) -> None:
        assert self._cell is not None
        change, attributes, start = self._cell
        self._cell = None
        element = spanned(self._part, name, attributes, start, at)
        style = int(attributes.get("s") or 0)
        if change.restyle is not None:
            style = change.restyle(style)
        if change.value is None:
            kept = {key: value for key, value in attributes.items() if key != "s"} | {"s": str(style)}
            opened = tag(name, kept)
            opened = opened if element.inner == element.end else opened.removesuffix("/>") + ">"
            self.edits.append(Edit(start, element.inner, opened.encode()))
            return
        if self._has_formula:
            raise MetadataError(
                "CELL_COMPUTED", sheet=self._sheet, cell=f"{column_letters(self._column)}{self._row_number}"
            )
        markup = _cell(name.removesuffix("c"), self._row_number, self._column, style, change)
        self.edits.append(Edit(start, element.end, markup.encode()))

    def _finish_row(self, name: str, at: int) -> None:
        assert self._row is not None
        row, self._row = self._row, None
        element = spanned(self._part, name, row.attributes, row.start, at)
        prefix = name.removesuffix("row")
        rest = "".join(self._new_cell(prefix, row.number, column, row.attributes) for column in row.waiting)
        if not rest and not row.inserted:
            return
        # What a row says of its first and last column may no longer be true, and need not be said.
        kept = {key: value for key, value in row.attributes.items() if key != "spans"}
        opened = tag(name, kept).removesuffix("/>") + ">"
        if element.inner == element.end:
            self.edits.append(Edit(row.start, element.end, f"{opened}{rest}</{name}>".encode()))
            return
        self.edits.append(Edit(row.start, element.inner, opened.encode()))
        self.edits += [Edit(place, place, markup.encode()) for place, markup in row.inserted.items()]
        self.edits.append(Edit(element.inner_end, element.inner_end, rest.encode()))

    def _finish_data(self, name: str, at: int) -> None:
        """Rows below the last one."""
        prefix = name.removesuffix("sheetData")
        markup = "".join(self._new_row(prefix, number) for number in sorted(self._rows))
        attributes, start = self._data
        element = spanned(self._part, name, attributes, start, at)
        if element.inner == element.end:
            self.edits.append(Edit(start, element.end, tag(name, attributes, markup).encode()))
        else:
            self.edits.append(Edit(at, at, markup.encode()))

    def _insert(self, prefix: str, column: int, at: int) -> None:
        assert self._row is not None
        markup = self._new_cell(prefix, self._row.number, column, self._row.attributes)
        self._row.inserted[at] = self._row.inserted.get(at, "") + markup

    def _new_row(self, prefix: str, number: int) -> str:
        cells = "".join(self._new_cell(prefix, number, column, {}) for column in self._rows.pop(number))
        return tag(f"{prefix}row", {"r": str(number)}, cells)

    def _new_cell(self, prefix: str, row: int, column: int, attributes: Mapping[str, str]) -> str:
        change = self._changes[row, column]
        has_style = attributes.get("customFormat") in ("1", "true")
        style = int(attributes.get("s") or 0) if has_style else self._column_style(column)
        if change.restyle is not None:
            style = change.restyle(style)
        return _cell(prefix, row, column, style, change)

    def _column_style(self, column: int) -> int:
        return next((style for first, last, style in self._column_styles if first <= column + 1 <= last), 0)


def _column_styles(part: bytes) -> list[tuple[int, int, int]]:
    """First and last column (from 1) and the style their cells have without one of their own."""
    head = part[: part.find(b"sheetData")] if b"sheetData" in part else part
    if b"<cols" not in head and b":cols" not in head:
        return []
    return [
        (int(each.attributes["min"]), int(each.attributes["max"]), int(each.attributes["style"]))
        for each in find(part, "col")
        if {"min", "max", "style"} <= set(each.attributes)
    ]


def _cell(prefix: str, row: int, column: int, style: int, change: Change) -> str:
    attributes = {"r": f"{column_letters(column)}{row}"} | ({"s": str(style)} if style else {})
    if not change.value:
        return tag(f"{prefix}c", attributes)
    if change.is_number:
        return tag(f"{prefix}c", attributes, tag(f"{prefix}v", {}, text(change.value)))
    string = tag(f"{prefix}t", {"xml:space": "preserve"}, text(change.value))
    return tag(f"{prefix}c", attributes | {"t": "inlineStr"}, tag(f"{prefix}is", {}, string))


def column_index(reference: str) -> int:
    """The column of a cell's reference or letters: A is 0; -1 for none."""
    number = 0
    for character in reference.replace("$", ""):
        if not "A" <= character <= "Z":
            break
        number = 26 * number + ord(character) - ord("A") + 1
    return number - 1
