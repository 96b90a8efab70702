"""The Word list, read back with python-docx: every title and every item is there, under its department."""

import io

import docx
from docx.oxml.ns import qn

from metadata.formats import catalogue_docx
from metadata.resource import Item, Party, Resource
from tests.metadata.formats.rdf.test_dcat import FULL

OTHER = Resource(
    title="低保人员\x0b名册",
    provider=Party(name="民政局"),
    items=tuple(Item(name=f"项目{n}", field=f"f{n}", length=n + 1) for n in range(40)),
)


def opened(*resources):
    return docx.Document(io.BytesIO(catalogue_docx.write(resources, "示例市政务信息资源目录")))


def test_every_entry_and_item_is_there():
    document = opened(FULL, OTHER, FULL.model_copy(update={"title": "另一条"}))
    headings = [(each.style.name, each.text) for each in document.paragraphs if each.style.name.startswith("Heading")]
    assert headings == [
        ("Heading 1", "市场监督管理局"),
        ("Heading 2", "1　企业登记“基本”信息"),
        ("Heading 2", "2　另一条"),
        ("Heading 1", "民政局"),
        ("Heading 2", "3　低保人员\ufffd名册"),
    ]
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    for item in (*FULL.items, *OTHER.items):
        assert any(item.name in row and item.field in row for row in rows)
    assert ["信息资源摘要", FULL.abstract] in rows
    assert ["共享类型", "有条件共享"] in rows
    assert any(row == ["信息资源代码", FULL.code] for row in rows)


def test_cover_pages_and_fonts_are_those_of_a_chinese_document():
    document = opened(FULL, OTHER)
    texts = [each.text for each in document.paragraphs]
    assert "示例市政务信息资源目录" in texts
    assert "2 个部门，2 条目录" in texts
    assert "PAGE" in document.sections[0].footer._element.xml
    assert document.sections[0].different_first_page_header_footer
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"
    long_table = document.tables[-1]
    assert len(long_table.rows) == 41
    assert long_table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_an_empty_list_is_a_cover():
    assert "0 个部门，0 条目录" in [each.text for each in opened().paragraphs]
