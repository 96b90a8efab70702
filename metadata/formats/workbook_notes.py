"""Rows of a table that are no entries of it: below its header what must be filled in and an example, below all of it
how to fill it in, who signed it, sums.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from metadata.formats.sheet import Cell, Row
from metadata.formats.workbook_cells import to_text
from metadata.formats.workbook_elements import ELEMENTS

_TOP: Final = 3  # rows below the header
_MUST: Final = frozenset({"必填", "选填", "必选", "可选", "非必填", "条件必填", "条件必选", "必填项", "选填项"})
_EXAMPLE: Final = re.compile(r"(填写|填报)?(示例|样例|范例|例)(:.*|[0-9]*)", re.DOTALL)
_FEW: Final = 4  # cells: who filled it in, who checked it, when; an entry has more
_NOTE: Final = re.compile(
    r"(附?注|备注|说明|提示|制表|审核|(填表|填报|填写|编制|制表|经办|审核|复核|审批|批准|联系)(说明|须知|人|单位|部门|日期|时间|电话)"
    r"|(单位|部门)?负责人|分管领导|(单位|部门)?\(?盖章\)?)[0-9]*:.*"
    r"|(填表|填报|填写|编制)(说明|须知)|[合总小共]计",
    re.DOTALL,
)


def note_rows(rows: Sequence[Row], columns: Mapping[int, str]) -> frozenset[int]:
    """The numbers of the rows that are notes.

    Right below the header what says no more than 必填 and 选填, or begins as an example does; then what begins like a
    note, and lone cells below one.

    ``columns`` are elements by column. What begins in a column of items is one more item of the entry above it: 合计 is
    a name that tables of statistics give to items.
    """
    top = frozenset(row.number for row in rows[:_TOP] if _is_guidance(row, columns))
    found: set[int] = set()
    for row in rows:
        if row.number in top:
            continue
        filled = [index for index, cell in enumerate(row.cells) if cell is not None]
        if not filled or len(filled) > _FEW or _is_of_items(columns.get(filled[0])):
            continue
        first = _plain(row.cells[filled[0]])
        if _NOTE.fullmatch(first) or (found and len(filled) == 1):
            found.add(row.number)
    return top | found


def _is_guidance(row: Row, columns: Mapping[int, str]) -> bool:
    filled = [index for index, cell in enumerate(row.cells) if cell is not None]
    if not filled or _is_of_items(columns.get(filled[0])):
        return False
    words = {_plain(row.cells[index]).strip("()*") for index in filled}
    return words <= _MUST or _EXAMPLE.fullmatch(_plain(row.cells[filled[0]])) is not None


def _plain(cell: Cell) -> str:
    return "".join(unicodedata.normalize("NFKC", to_text(cell)).split())


def _is_of_items(element: str | None) -> bool:
    return element is not None and ELEMENTS[element].is_item
