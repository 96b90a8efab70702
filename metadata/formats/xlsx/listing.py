"""One more sheet of plain texts at the end of a workbook, some of its rows leading to the cells they speak of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metadata.formats.workbook_findings import column_letters
from metadata.formats.xlsx.archive import Archive
from metadata.formats.xlsx.markup import Edit, apply, find, tag, text

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_MOST_LINKS: Final = 5_000  # spreadsheet programs grow slow on more
_LONGEST_NAME: Final = 31


@dataclass(frozen=True)
class Line:
    """A row of the list: its cells, the style of each, and the sheet and cell it leads to."""

    cells: Sequence[str | int]
    style: int = 0
    target: tuple[str, str] | None = None


def add_listing(archive: Archive, name: str, lines: Sequence[Line], widths: Sequence[int]) -> str:
    """Add the sheet; its name, with a number behind it where a sheet of that name is there already."""
    taken = {each.casefold() for each in archive.sheets()}
    written = free_sheet_name(name, taken)
    part = archive.free_name("xl/worksheets/sheetHutong{}.xml")
    archive.write(part, _sheet(lines, widths).encode())
    archive.declare(part, _CONTENT)
    number = archive.relate(archive.workbook, "worksheet", part)
    data = archive.read(archive.workbook)
    sheets, *each = find(data, "sheets", "sheet")
    identifier = 1 + max((int(sheet.attributes.get("sheetId") or 0) for sheet in each), default=0)
    attributes = {"name": written, "sheetId": str(identifier), "xmlns:hutong": _RELATIONS, "hutong:id": number}
    markup = tag(f"{sheets.prefix}sheet", attributes).encode()
    archive.write(archive.workbook, apply(data, [Edit(sheets.inner_end, sheets.inner_end, markup)]))
    return written


def free_sheet_name(name: str, taken: set[str]) -> str:
    """A name a spreadsheet program takes: 31 characters, none of ``[]:*?/\\``; not in ``taken`` (lower case)."""
    allowed = "".join("_" if character in "[]:*?/\\" or ord(character) < 32 else character for character in name)
    base = allowed.strip("'")[:_LONGEST_NAME] or "_"
    found, number = base, 1
    while found.casefold() in taken:
        number += 1
        found = f"{base[: _LONGEST_NAME - 7]}_{number}"
    return found


def _sheet(lines: Sequence[Line], widths: Sequence[int]) -> str:
    columns = "".join(
        tag("col", {"min": str(index), "max": str(index), "width": str(width), "customWidth": "1"})
        for index, width in enumerate(widths, start=1)
    )
    rows = "".join(_row(number, line) for number, line in enumerate(lines, start=1))
    targets = [(number, line.target) for number, line in enumerate(lines, start=1) if line.target is not None]
    links = "".join(
        tag("hyperlink", {"ref": f"C{number}", "location": "'{}'!{}".format(sheet.replace("'", "''"), cell)})
        for number, (sheet, cell) in targets[:_MOST_LINKS]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><cols>{columns}</cols><sheetData>{rows}</sheetData>'
        + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
        + "</worksheet>"
    )


def _row(number: int, line: Line) -> str:
    cells = []
    for index, value in enumerate(line.cells):
        attributes = {"r": f"{column_letters(index)}{number}", "s": str(line.style)}
        if isinstance(value, int):
            cells.append(tag("c", attributes, tag("v", {}, str(value))))
        elif value:
            string = tag("t", {"xml:space": "preserve"}, text(value))
            cells.append(tag("c", attributes | {"t": "inlineStr"}, tag("is", {}, string)))
    return tag("row", {"r": str(number)}, "".join(cells))
