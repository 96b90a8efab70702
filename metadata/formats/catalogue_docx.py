"""The catalogue as a Word document (目录汇编): a cover, the departments one after another, a table for each entry.

A table holds the elements of the 2017 guide and what the regulation adds, as the workbook spells them (so codes come
with their labels), and a second one the entry's items. Pages are numbered, departments are headings that Word lists in
its navigation. For reading: nothing is read back from it.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from metadata.formats.docx_parts import HEADING_FONT, set_up, table
from metadata.formats.record_cells import ENTRY_ELEMENTS, ITEM_ELEMENTS, entry_cells, item_cells
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Resource
from standards.text import without_forbidden

_TWO_COLUMNS: Final = (2_600, 6_800)
_LEFT_OUT: Final = frozenset({"title", "provider", "same_name_number"})  # they stand above the table


def write(resources: Sequence[Resource], title: str) -> bytes:
    """The document, its cover headed ``title``; entries by department and title, each department on a new page.

    Characters that XML cannot hold come as U+FFFD.
    """
    document: Any = docx.Document()
    set_up(document, title)
    ordered = sorted(resources, key=lambda each: (each.provider.name, each.title, each.identifier))
    _cover(document, title, ordered)
    number = 0
    for department, entries in groupby(ordered, key=lambda each: each.provider.name):
        document.add_page_break()
        document.add_heading(without_forbidden(department), level=1)
        for each in entries:
            number += 1
            _entry(document, number, each)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def not_held(resource: Resource) -> tuple[str, ...]:
    """What of an entry the document does not show; none of it is read back."""
    lost = ["全部内容只供阅读，不能导入"]
    if resource.assessments:
        lost.append("评估")
    if resource.mounts:
        lost.append("挂接资源")
    return tuple(lost)


def _cover(document: Any, title: str, resources: Sequence[Resource]) -> None:
    for _ in range(8):
        document.add_paragraph()
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(without_forbidden(title))
    run.font.size, run.bold = Pt(26), True
    run.font.name = HEADING_FONT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEADING_FONT)
    departments = len({each.provider.name for each in resources})
    line = document.add_paragraph(f"{departments} 个部门，{len(resources)} 条目录")
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _entry(document: Any, number: int, resource: Resource) -> None:
    document.add_heading(f"{number}　{without_forbidden(resource.title)}", level=2)
    cells = entry_cells(resource)
    lines = [
        (each.label, str(cells[each.key])) for each in ENTRY_ELEMENTS if each.key in cells and each.key not in _LEFT_OUT
    ]
    if lines:
        table(document, lines, _TWO_COLUMNS, has_header=False)
    if resource.items:
        document.add_paragraph(f"信息项（{len(resource.items)} 项）")
        table(document, list(_items(resource)), has_header=True)
    document.add_paragraph()


def _items(resource: Resource) -> Iterator[tuple[str, ...]]:
    """The header and a line for each item, with the columns that any item of the entry has something in."""
    rows = [item_cells(each) for each in resource.items]
    columns = [each.key for each in ITEM_ELEMENTS if any(each.key in row for row in rows)]
    yield tuple(ELEMENTS[key].label for key in columns)
    for row in rows:
        yield tuple(str(row.get(key, "")) for key in columns)
