"""Entries as one csv file that a spreadsheet program opens as it is: UTF-8 with its mark, one row an entry.

An entry with several items has a row for each; all but the first hold only its name, its provider and the item. Cells
that a spreadsheet program would take for formulas begin with ``'``, which our reader takes off again. What ``not_held``
names is not in it.
"""

import csv
import io
from collections.abc import Sequence
from itertools import islice

from metadata.formats.csv_sheet import protect
from metadata.formats.record_cells import ENTRY_ELEMENTS, ITEM_ELEMENTS, Cells, entry_cells, item_rows, numbered
from metadata.resource import Resource

_ELEMENTS = (*ENTRY_ELEMENTS, *ITEM_ELEMENTS)


def write(resources: Sequence[Resource]) -> bytes:
    """The file, with all columns of the template's sheets 目录 and 信息项."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([element.label for element in _ELEMENTS])
    for number, resource in numbered(resources):
        items = item_rows(resource, number)
        first = entry_cells(resource, number)
        for each in islice(items, 1):
            first |= each
        writer.writerow(_line(first))
        writer.writerows(map(_line, items))
    return stream.getvalue().encode("utf-8-sig")


def _line(cells: Cells) -> list[str]:
    return [protect(str(cells.get(element.key, ""))) for element in _ELEMENTS]
