"""The catalogue as a Word document (目录汇编): a cover, the departments one after another, a table for each entry.

A table holds the elements of the 2017 guide and what the regulation adds, as the workbook spells them (so codes come
with their labels), and a second one the entry's items. Pages are numbered, departments are headings that Word lists in
its navigation. For reading: nothing is read back from it.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from metadata.formats.record_cells import ENTRY_ELEMENTS, ITEM_ELEMENTS, entry_cells, item_cells
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Resource
from standards.text import without_forbidden

_FONT: Final = "宋体"
_HEADING_FONT: Final = "黑体"
_TABLE_WIDTH: Final = 9_400  # twentieths of a point: 16.6 cm
_TWO_COLUMNS: Final = (2_600, 6_800)
_HALF_POINTS: Final = 18
_LEFT_OUT: Final = frozenset({"title", "provider", "same_name_number"})  # they stand above the table


def write(resources: Sequence[Resource], title: str) -> bytes:
    """The document, its cover headed ``title``; entries by department and title, each department on a new page.

    Characters that XML cannot hold come as U+FFFD.
    """
    document: Any = docx.Document()
    _set_up(document, title)
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


def _set_up(document: Any, title: str) -> None:
    for name, font in (("Normal", _FONT), ("Heading 1", _HEADING_FONT), ("Heading 2", _HEADING_FONT)):
        style = document.styles[name]
        style.font.name = font
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    document.styles["Normal"].font.size = Pt(10.5)  # 五号
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.language = "zh-CN"
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.different_first_page_header_footer = True  # the cover has no number
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("第 ")
    _field(footer, "PAGE")
    footer.add_run(" 页")


def _field(paragraph: Any, code: str) -> None:
    """A value that Word works out itself, such as the page's number."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _cover(document: Any, title: str, resources: Sequence[Resource]) -> None:
    for _ in range(8):
        document.add_paragraph()
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(without_forbidden(title))
    run.font.size, run.bold = Pt(26), True
    run.font.name = _HEADING_FONT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _HEADING_FONT)
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
        _table(document, lines, _TWO_COLUMNS, has_header=False)
    if resource.items:
        document.add_paragraph(f"信息项（{len(resource.items)} 项）")
        _table(document, list(_items(resource)), has_header=True)
    document.add_paragraph()


def _items(resource: Resource) -> Iterator[tuple[str, ...]]:
    """The header and a line for each item, with the columns that any item of the entry has something in."""
    rows = [item_cells(each) for each in resource.items]
    columns = [each.key for each in ITEM_ELEMENTS if any(each.key in row for row in rows)]
    yield tuple(ELEMENTS[key].label for key in columns)
    for row in rows:
        yield tuple(str(row.get(key, "")) for key in columns)


def _table(document: Any, lines: Sequence[tuple[str, ...]], widths: tuple[int, ...] = (), *, has_header: bool) -> None:
    """A table with borders, its XML written at once: python-docx takes a thousand times as long, cell by cell."""
    grid = "".join(
        f'<w:gridCol w:w="{width}"/>' for width in widths or (_TABLE_WIDTH // len(lines[0]),) * len(lines[0])
    )
    rows = "".join(_row(line, is_header=has_header and number == 0) for number, line in enumerate(lines))
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{_style_id(document)}"/>'
        f'<w:tblW w:w="{_TABLE_WIDTH}" w:type="dxa"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )
    document.element.body.insert_element_before(table, "w:sectPr")


def _style_id(document: Any) -> str:
    found: str = document.styles["Table Grid"].style_id
    return found


def _row(line: Sequence[str], *, is_header: bool) -> str:
    mark = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if is_header else ""
    return f"<w:tr>{mark}{''.join(_cell(text, is_header or place == 0) for place, text in enumerate(line))}</w:tr>"


def _cell(text: str, is_bold: bool) -> str:
    bold = "<w:b/>" if is_bold else ""
    lines = (f'<w:t xml:space="preserve">{escape(each)}</w:t>' for each in without_forbidden(text).split("\n"))
    words = "<w:br/>".join(lines)
    return f'<w:tc><w:p><w:r><w:rPr>{bold}<w:sz w:val="{_HALF_POINTS}"/></w:rPr>{words}</w:r></w:p></w:tc>'
