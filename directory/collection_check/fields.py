"""The fields of a planned form, from pasted lines or from the file of the form. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from directory.item_match.compare import Wanted
from metadata.dictionary import plain
from metadata.formats.spreadsheet import Cell, Row, Sheet

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
            "项目",
        ),
    )
)
_FIELD_HEADERS: Final = frozenset(map(plain, ("字段名", "英文名称", "英文名", "字段代码", "列名", "字段英文名")))
_LINE: Final = re.compile(r"\t|,|，|;|；")
_BULLET: Final = re.compile(r"^\s*(?:[0-9]+[.、)）]|[-*•·])\s*")
_FIELD: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")
_LONGEST: Final = 200
_LOOKED_AT: Final = 20


def fields_of_text(text: str) -> list[Wanted]:
    """A field a line: its name, and after a tab or comma its field name. Numbers before it are left out."""
    found = []
    for line in text.splitlines():
        name, *rest = _LINE.split(_BULLET.sub("", line).strip())
        field = next((each.strip() for each in rest if _FIELD.match(each.strip())), "")
        found.append(Wanted(name.strip()[:_LONGEST], field))
    return _once(found)


def fields_of_sheets(sheets: Sequence[Sheet]) -> list[Wanted]:
    """The column under a header as 名称 or 数据项; where there is none, the first row of two texts: the form's head."""
    for sheet in sheets:
        for place, row in enumerate(sheet.rows[:_LOOKED_AT]):
            words = [plain(_text(cell)) for cell in row.cells]
            column = next((at for at, word in enumerate(words) if word in _NAME_HEADERS), None)
            if column is not None:
                of_field = next((at for at, word in enumerate(words) if word in _FIELD_HEADERS and at != column), None)
                return _once([_wanted(each, column, of_field) for each in sheet.rows[place + 1 :]])
    for sheet in sheets:
        for row in sheet.rows[:_LOOKED_AT]:
            texts = [cell for cell in row.cells if isinstance(cell, str)]
            if len(texts) > 1:
                return _once([Wanted(each[:_LONGEST]) for each in texts])
    return []


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
