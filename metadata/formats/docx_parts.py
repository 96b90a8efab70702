"""The parts of a Word document that several of ours share: the page with its number, and tables written at once."""

from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from standards.text import without_forbidden

HEADING_FONT: Final = "黑体"
_FONT: Final = "宋体"
_TABLE_WIDTH: Final = 9_400  # twentieths of a point: 16.6 cm
_WIDE_TABLE_WIDTH: Final = 14_340  # 25.3 cm
_HALF_POINTS: Final = 18


def set_up(document: Any, title: str, *, is_wide: bool = False, has_cover: bool = True) -> None:
    """A4, upright or wide; fonts, title, and the page's number in the foot, but not on a cover."""
    for name, font in (("Normal", _FONT), ("Heading 1", HEADING_FONT), ("Heading 2", HEADING_FONT)):
        style = document.styles[name]
        style.font.name = font
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    document.styles["Normal"].font.size = Pt(10.5)  # 五号
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.language = "zh-CN"
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    short, long = Cm(21), Cm(29.7)
    section.page_width, section.page_height = (long, short) if is_wide else (short, long)
    section.left_margin = section.right_margin = Cm(2.2)
    section.different_first_page_header_footer = has_cover
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


def table(
    document: Any,
    lines: Sequence[tuple[str, ...]],
    widths: tuple[int, ...] = (),
    *,
    has_header: bool,
    is_wide: bool = False,
) -> None:
    """A table with borders, its XML written at once: python-docx takes a thousand times as long, cell by cell."""
    whole = _WIDE_TABLE_WIDTH if is_wide else _TABLE_WIDTH
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths or (whole // len(lines[0]),) * len(lines[0]))
    rows = "".join(_row(line, is_header=has_header and number == 0) for number, line in enumerate(lines))
    made = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{_style_id(document)}"/>'
        f'<w:tblW w:w="{whole}" w:type="dxa"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )
    document.element.body.insert_element_before(made, "w:sectPr")


def _style_id(document: Any) -> str:
    found: str = document.styles["Table Grid"].style_id
    return found


def _row(line: Sequence[str], *, is_header: bool) -> str:
    mark = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_header else ''}</w:trPr>"
    return f"<w:tr>{mark}{''.join(_cell(text, is_header or place == 0) for place, text in enumerate(line))}</w:tr>"


def _cell(text: str, is_bold: bool) -> str:
    bold = "<w:b/>" if is_bold else ""
    lines = (f'<w:t xml:space="preserve">{escape(each)}</w:t>' for each in without_forbidden(text).split("\n"))
    words = "<w:br/>".join(lines)
    return f'<w:tc><w:p><w:r><w:rPr>{bold}<w:sz w:val="{_HALF_POINTS}"/></w:rPr>{words}</w:r></w:p></w:tc>'
