"""A piece of the sheet with its faulty cells in place, for seeing them where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from directory.imports import parsed
from directory.imports.models import Import, ImportCell
from metadata.formats.workbook import column_letters
from metadata.formats.workbook_cells import to_text

MOST_BYTES: Final = 1024 * 1024  # a larger file is not read again only to be looked at
_ROWS: Final = 6
_COLUMNS: Final = 8
_CHARACTERS: Final = 24


@dataclass(frozen=True)
class ShownCell:
    """A cell: its text, and what is said of it (``bad``, ``fix`` or nothing) with its number in the list below."""

    text: str
    look: str = ""
    number: int = 0


@dataclass(frozen=True)
class Excerpt:
    """The rows of one sheet in which something was found, and the columns that matter: letters with the header."""

    sheet: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int, tuple[ShownCell, ...]], ...]


def excerpt(data: bytes, row: Import, cells: Sequence[ImportCell]) -> Excerpt | None:
    """The first rows with something in ``cells`` (numbered as they stand there), of the sheet of the first of them."""
    if row.mapping is None or not cells:
        return None
    name = cells[0].sheet
    sheet = next((each for each in parsed.sheets(data, row.file_name) if each.name == name), None)
    if sheet is None:
        return None
    here = {(each.row, each.letters): (place, each) for place, each in enumerate(cells, start=1) if each.sheet == name}
    wanted = sorted({number for number, _ in here})[:_ROWS]
    faulty = {letters for number, letters in here if number in wanted}
    mapped = [each for each in row.mapping.columns if each.sheet == name]
    letters_of = {each.index: column_letters(each.index) for each in mapped}
    chosen = [each for each in mapped if letters_of[each.index] in faulty or each.element in {"title", "provider"}]
    chosen += [each for each in mapped if each.element and each not in chosen]
    columns = sorted(chosen[: max(_COLUMNS, len(faulty) + 1)], key=lambda each: each.index)
    rows = {each.number: each.cells for each in sheet.rows if each.number in wanted}
    shown = []
    for number in wanted:
        found = []
        for column in columns:
            values = rows.get(number, ())
            text = to_text(values[column.index]) if column.index < len(values) else ""
            place, cell = here.get((number, letters_of[column.index]), (0, None))
            look = "" if cell is None else "fix" if cell.after is not None else "bad"
            found.append(ShownCell(text[:_CHARACTERS] or ("（空）" if cell else ""), look, place))
        shown.append((number, tuple(found)))
    headers = tuple((letters_of[each.index], each.header.rpartition("/")[2][:_CHARACTERS]) for each in columns)
    return Excerpt(name, headers, tuple(shown))
