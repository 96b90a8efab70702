"""One sheet as the doctor looks at it: elements by column, rows by number, changes tried on it without a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from metadata.formats.column_mapping import ColumnMapping
from metadata.formats.doctor.fault import Fault, Repair
from metadata.formats.spreadsheet import Cell, Row, Sheet
from metadata.formats.workbook_cells import is_blank, to_text
from metadata.formats.workbook_findings import column_letters
from metadata.formats.workbook_notes import note_rows

_COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program may take for a formula


@dataclass(frozen=True)
class Proposal:
    """What a finder says of one cell: its row's place in the table, what it should be (None: ask a person), and why."""

    fault: Fault
    index: int
    element: str
    after: str | None
    zh: str
    en: str
    is_certain: bool = False


class Table:
    """The rows below a sheet's header. ``texts`` and ``cells`` hold a column each, by element, one member a row.

    A text is empty where the cell is blank or holds a word people write for nothing. ``heading`` is what stands above
    the header, with the sheet's name first.
    """

    def __init__(self, sheet: Sheet, columns: Mapping[int, str], first_header: int, last_header: int) -> None:
        rows = [row for row in sheet.rows if row.number > last_header]
        if sheet.is_even:  # rows out of line are refused by the reader; to repair them would shift values further
            width = next((row.width for row in sheet.rows if row.number == last_header), 0)
            rows = [row for row in rows if row.width == width]
        notes = note_rows(rows, columns)
        rows = [row for row in rows if row.number not in notes]
        self.name: Final = sheet.name
        self.day_zero: Final = sheet.day_zero
        self.numbers: Final = [row.number for row in rows]
        self.columns: Final = {element: index for index, element in sorted(columns.items(), reverse=True)}
        self.cells: Final = {element: _column(rows, index) for element, index in self.columns.items()}
        self.texts: Final = {
            element: ["" if cell is None or is_blank(cell) else to_text(cell) for cell in cells]
            for element, cells in self.cells.items()
        }
        above = [row for row in sheet.rows if row.number < first_header]
        self.heading: Final = (sheet.name, *(str(cell) for row in above for cell in row.cells if cell is not None))
        self._written: Final = {element: list(cells) for element, cells in self.cells.items()}
        self._formulas: Final = frozenset((each.row, each.column) for each in sheet.formulas)
        self._anchors: Final = _anchors(sheet, set(self.columns.values()))
        self._merged: Final[dict[tuple[int, int], list[int]]] = {}  # the rows of each merged range by its first cell
        if self._anchors:
            for index, number in enumerate(self.numbers):
                for column in self.columns.values():
                    place = self._anchors.get((number, column), (number, column))
                    self._merged.setdefault(place, []).append(index)

    def column(self, element: str) -> Sequence[str]:
        """The texts of a column; empty ones where the sheet has no such column."""
        return self.texts.get(element) or [""] * len(self.numbers)

    def entries(self) -> list[list[int]]:
        """The rows of each entry: those of one title and provider, and the untitled ones below them."""
        titles, providers, numbers = self.column("title"), self.column("provider"), self.column("same_name_number")
        found: dict[tuple[str, str, str], list[int]] = {}
        current: list[int] | None = None
        for index, title in enumerate(titles):
            if title:
                current = found.setdefault((title, providers[index], numbers[index]), [])
            if current is not None:
                current.append(index)
        return list(found.values())

    def place(self, index: int, element: str) -> tuple[int, int]:
        """Row number and column index of the cell that holds the value: the first of a merged range."""
        own = self.numbers[index], self.columns[element]
        return self._anchors.get(own, own)

    def is_formula(self, index: int, element: str) -> bool:
        """Whether the value is computed in the file."""
        return self.place(index, element) in self._formulas

    def is_same(self, index: int, element: str, text: str) -> bool:
        """Whether the cell reads so already."""
        return to_text(self.cells[element][index]) == text

    def put(self, index: int, element: str, text: str) -> None:
        """Try a value: what is looked at next sees it, in the whole of a merged range."""
        place = self.place(index, element)
        for each in self._merged.get(place, [index]):
            self.cells[element][each] = text or None
            self.texts[element][each] = "" if is_blank(text) else text

    def repair(self, proposal: Proposal) -> Repair:
        """The proposal with its place. A formula is left to a person; nothing proposed begins like one."""
        index, element, after = proposal.index, proposal.element, proposal.after
        zh, en = proposal.zh, proposal.en
        if after is not None and self.is_formula(index, element):
            zh, en = f"{zh}；此格是公式，请改公式或直接填值", f"{en}; the cell is computed: mend the formula"
            after = None
        if after is not None and after.startswith(_COMPUTED):
            after = None
        row, column = self.place(index, element)
        return Repair(
            fault=proposal.fault,
            sheet=self.name,
            row=row,
            column=column_letters(column),
            before=to_text(self._written[element][index]),
            after=after,
            reason_zh=zh,
            reason_en=en,
            is_certain=proposal.is_certain and after is not None,
        )


def tables(sheets: Sequence[Sheet], mapping: ColumnMapping) -> Iterator[Table]:
    """The sheets that have a header, as tables."""
    by_name = {sheet.name: sheet for sheet in sheets}
    for header in mapping.headers:
        columns = mapping.of_sheet(header.sheet)
        if header.sheet in by_name and columns:
            yield Table(by_name[header.sheet], columns, header.first_row, header.last_row)


def _column(rows: Sequence[Row], index: int) -> list[Cell]:
    return [row.cells[index] if index < len(row.cells) else None for row in rows]


def _anchors(sheet: Sheet, columns: set[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """Each place in a merged range that is not its first, and the first; only rows with content are looked at."""
    if not sheet.merged:
        return {}
    numbers = [row.number for row in sheet.rows]
    return {
        (number, column): (merged.first_row, merged.first_column)
        for merged in sheet.merged
        for number in numbers
        if merged.first_row <= number <= merged.last_row
        for column in columns
        if merged.first_column <= column <= merged.last_column
        and (number, column) != (merged.first_row, merged.first_column)
    }
