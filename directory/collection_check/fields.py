"""The fields of a planned form, from pasted lines or from the file of the form. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from directory.item_match.compare import Wanted
from metadata.dictionary import plain
from metadata.formats.spreadsheet import Cell, Row, Sheet
from metadata.formats.workbook_notes import note_rows

_NAME_HEADERS: Final = frozenset(
    map(
        plain,
        (
            "名称",
            "字段",
            "字段名称",
            "中文名称",
            "数据项",
            "数据项名称",
            "信息项",
            "信息项名称",
            "指标",
            "指标名称",
            "采集项",
            "填报项",
            "采集内容",
            "指标项",
            "项目",
        ),
    )
)
_FIELD_HEADERS: Final = frozenset(map(plain, ("字段名", "英文名称", "英文名", "字段代码", "列名", "字段英文名")))
_LINE: Final = re.compile(r"\t|,|，|;|；")
_WRITTEN: Final = re.compile(r"[、,，;；\t](?![^（(]*[)）])")  # not what stands in brackets
_COUNTED: Final = "0-9一二三四五六七八九十"
_BULLET: Final = re.compile(rf"^\s*(?:[{_COUNTED}]+[.、)）．]|[(（][{_COUNTED}]+[)）]|[①-⑳㈠-㈩⑴-⒇]|[-*•·])\s*")
_COLON: Final = re.compile("[:：]")
_FIELD: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")
_LONGEST: Final = 200
_LOOKED_AT: Final = 20


def fields_of_text(text: str) -> list[Wanted]:
    """A field a line: its name, and after a tab or comma its field name. Numbers before it are left out.

    One line with several names in it holds a field each.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and not any(_FIELD.match(each.strip()) for each in _WRITTEN.split(lines[0])[1:]):
        return _once([Wanted(each.strip()[:_LONGEST]) for each in _WRITTEN.split(_BULLET.sub("", lines[0]))])
    found = []
    for line in lines:
        name, *rest = _LINE.split(_BULLET.sub("", line).strip())
        field = next((each.strip() for each in rest if _FIELD.match(each.strip())), "")
        found.append(Wanted(name.strip()[:_LONGEST], field))
    return _once(found)


def fields_of_sheets(sheets: Sequence[Sheet]) -> list[Wanted]:
    """The column under a header as 名称 or 数据项, of every sheet that has one; where none has, the form's own words.

    A card has room beside or below each of them, a table a row of them: the one that has most, the first of equals.
    """
    found = [each for sheet in sheets for each in _under_header(sheet)]
    if not found:
        found = [Wanted(each[:_LONGEST]) for sheet in sheets for each in _of_card(sheet) or _of_table(sheet)]
    return _once(found)


def _under_header(sheet: Sheet) -> list[Wanted]:
    """The fields below a sheet's header."""
    for place, row in enumerate(sheet.rows[:_LOOKED_AT]):
        words = [plain(_text(cell)) for cell in row.cells]
        column = next((at for at, word in enumerate(words) if word in _NAME_HEADERS), None)
        if column is not None:
            of_field = next((at for at, word in enumerate(words) if word in _FIELD_HEADERS and at != column), None)
            return [_wanted(each, column, of_field) for each in _without_foot(sheet.rows[place + 1 :])]
    return []


def _of_card(sheet: Sheet) -> list[str]:
    """All words of a sheet in which none stands right beside another, but a title in the first row."""
    rows = _without_foot(sheet.rows)
    lines = [{at: cell for at, cell in enumerate(row.cells) if isinstance(cell, str)} for row in rows]
    if any(at + 1 in line for line in lines for at in line) or not any(len(line) > 1 for line in lines):
        return []
    return [text for line in (lines[1:] if len(lines[0]) == 1 else lines) for text in line.values()]


def _of_table(sheet: Sheet) -> list[str]:
    rows = [[cell for cell in row.cells if isinstance(cell, str)] for row in sheet.rows[:_LOOKED_AT]]
    widest = max(rows, key=lambda texts: len(set(texts)), default=[])
    return widest if len(widest) > 1 else []


def _without_foot(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows above the notes and signatures at the end."""
    notes = note_rows(rows, {})
    last = len(rows)
    while last and rows[last - 1].number in notes and _COLON.search(" ".join(map(_text, rows[last - 1].cells))):
        last -= 1
    return rows[:last]


def _wanted(row: Row, column: int, of_field: int | None) -> Wanted:
    field = _at(row, of_field) if of_field is not None else ""
    return Wanted(_at(row, column)[:_LONGEST], field if _FIELD.match(field) else "")


def _at(row: Row, column: int) -> str:
    return _text(row.cells[column]) if column < len(row.cells) else ""


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _once(found: Sequence[Wanted]) -> list[Wanted]:
    """Each name once, in order, without what is no name."""
    by_name: dict[str, Wanted] = {}
    for each in found:
        by_name.setdefault(plain(each.name), each)
    by_name.pop("", None)
    return list(by_name.values())
