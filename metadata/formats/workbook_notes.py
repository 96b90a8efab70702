"""Rows below a table that are no entries of it: how to fill it in, who signed it, sums."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from metadata.formats.sheet import Row
from metadata.formats.workbook_cells import to_text
from metadata.formats.workbook_elements import ELEMENTS

_FEW: Final = 4  # cells: who filled it in, who checked it, when; an entry has more
_NOTE: Final = re.compile(
    r"(附?注|备注|说明|提示|制表|审核|(填表|填报|填写|编制|制表|经办|审核|复核|审批|批准|联系)(说明|须知|人|单位|部门|日期|时间|电话)"
    r"|(单位|部门)?负责人|分管领导|(单位|部门)?\(?盖章\)?)[0-9]*:.*"
    r"|(填表|填报|填写|编制)(说明|须知)|[合总小共]计",
    re.DOTALL,
)


def note_rows(rows: Sequence[Row], columns: Mapping[int, str]) -> frozenset[int]:
    """The numbers of the rows that are notes: those that begin like one, and lone cells below one.

    ``columns`` are elements by column. What begins in a column of items is one more item of the entry above it: 合计 is
    a name that tables of statistics give to items.
    """
    found: set[int] = set()
    for row in rows:
        filled = [index for index, cell in enumerate(row.cells) if cell is not None]
        if not filled or len(filled) > _FEW or _is_of_items(columns.get(filled[0])):
            continue
        first = "".join(unicodedata.normalize("NFKC", to_text(row.cells[filled[0]])).split())
        if _NOTE.fullmatch(first) or (found and len(filled) == 1):
            found.add(row.number)
    return frozenset(found)


def _is_of_items(element: str | None) -> bool:
    return element is not None and ELEMENTS[element].is_item
