"""Rows below a table that are no entries of it: how to fill it in, who signed it, sums."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from metadata.formats.sheet import Row
from metadata.formats.workbook_cells import to_text

_FEW: Final = 4  # cells: who filled it in, who checked it, when; an entry has more
_NOTE: Final = re.compile(
    r"(附?注|备注|说明|提示|制表|审核|(填表|填报|填写|编制|制表|经办|审核|复核|审批|批准|联系)(说明|须知|人|单位|部门|日期|时间|电话)"
    r"|(单位|部门)?负责人|分管领导|(单位|部门)?\(?盖章\)?)[0-9]*:.*"
    r"|(填表|填报|填写|编制)(说明|须知)|[合总小共]计",
    re.DOTALL,
)


def note_rows(rows: Sequence[Row]) -> frozenset[int]:
    """The numbers of the rows that are notes: those that begin like one, and lone cells below one."""
    found: set[int] = set()
    for row in rows:
        texts = [to_text(cell) for cell in row.cells if cell is not None]
        if not texts or len(texts) > _FEW:
            continue
        first = "".join(unicodedata.normalize("NFKC", texts[0]).split())
        if _NOTE.fullmatch(first) or (found and len(texts) == 1):
            found.add(row.number)
    return frozenset(found)
