"""Repairs written back: the same file, and only the cells that were to be repaired are others.

An xlsx file is changed in the bytes of its sheets (``formats/xlsx``): styles, other sheets, validations, comments,
widths, merged ranges, pictures, charts and macros are not even looked at. A csv file keeps every other byte.
"""

from collections.abc import Sequence

from metadata.errors import MetadataError
from metadata.formats.doctor.csv_repair import repair_csv
from metadata.formats.doctor.fault import Repair
from metadata.formats.sheet import Sheet
from metadata.formats.spreadsheet import OLE, read
from metadata.formats.workbook_cells import to_text
from metadata.formats.xlsx.archive import Archive
from metadata.formats.xlsx.values import write_values
from metadata.formats.xlsx.worksheet import Change, Place, change_cells, column_index

_ZIP = b"PK\x03\x04"


def repair(data: bytes, name: str, repairs: Sequence[Repair], sheets: Sequence[Sheet] | None = None) -> bytes:
    """The file with the repairs made, those that a person must fill in left out; of two for one cell the later counts.

    ``sheets`` are those of the file where they have been read already. An older xls, which cannot be read here, must
    come with them and goes out as xlsx. Raises ``MetadataError``: what ``spreadsheet.read`` raises; ``CELL_CHANGED``
    where a cell does not hold what the repair was found for, ``CELL_COMPUTED`` for a formula, ``CELL_UNENCODABLE`` for
    what the file's encoding lacks.
    """
    if sheets is None:
        sheets = read(data, name)
    values = _values(sheets, repairs)
    if data.startswith(OLE):
        data = write_values(sheets)
    if not data.startswith(_ZIP):
        return repair_csv(
            data, name, {place: each.after or "" for own in values.values() for place, each in own.items()}
        )
    archive = Archive(data, name)
    parts = archive.sheets()
    for sheet, own in values.items():
        changes = {place: Change(each.after or "", is_number=_is_number(each)) for place, each in own.items()}
        archive.write(parts[sheet], change_cells(archive.read(parts[sheet]), changes, sheet))
    return archive.to_bytes()


def place_of(sheet: str, row: int, column: str) -> Place:
    """The place of a cell by its row and letter; raises ``MetadataError CELL_CHANGED`` for what is no column."""
    index = column_index(column)
    if row < 1 or index < 0:
        raise MetadataError("CELL_CHANGED", sheet=sheet, cell=f"{column}{row}")
    return row, index


def _values(sheets: Sequence[Sheet], repairs: Sequence[Repair]) -> dict[str, dict[Place, Repair]]:
    """The repairs by sheet and place, each checked against what its cell holds."""
    rows = {sheet.name: {row.number: row.cells for row in sheet.rows} for sheet in sheets}
    found: dict[str, dict[Place, Repair]] = {}
    for each in repairs:
        if each.after is None:
            continue
        row, index = place_of(each.sheet, each.row, each.column)
        cells = rows.get(each.sheet, {}).get(row, ())
        if each.sheet not in rows or to_text(cells[index] if index < len(cells) else None) != each.before:
            raise MetadataError("CELL_CHANGED", sheet=each.sheet, cell=f"{each.column}{each.row}")
        found.setdefault(each.sheet, {})[row, index] = each
    return found


def _is_number(repair: Repair) -> bool:
    """Whether the cell becomes a number, and not a text of digits, as codes are."""
    return (
        repair.fault == "unit_in_number" and bool(repair.after) and (repair.after or "").replace(".", "", 1).isdecimal()
    )
