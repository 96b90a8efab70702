"""The workbook that goes back: cells coloured and commented, a list at the end, all else as it was."""

import io
import re

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from metadata.errors import MetadataError
from metadata.formats.doctor.mark import mark
from metadata.formats.sheet import Row, Sheet
from metadata.formats.spreadsheet import OLE, read
from metadata.formats.workbook import drafts
from metadata.formats.workbook_findings import CellFinding
from tests.metadata.formats.doctor.department_workbook import examine, parts, workbook

RED, AMBER, PALE = "FFF4B6B6", "FFFFE9A8", "FFFFF6D6"
SHEET = "xl/worksheets/sheet1.xml"


def finding(row: int, column: str, severity: str = "error", sheet: str = "目录", problem: str = "不对") -> CellFinding:
    words = {"value": "=旧", "rule": "workbook.x", "problem": problem, "problem_en": "wrong", "remedy": "=改"}
    return CellFinding.model_validate({"sheet": sheet, "row": row, "column": column, "severity": severity, **words})


def test_cells_are_marked_and_listed_and_nothing_else_changes() -> None:
    data = workbook({"A4": "城建档案系统", "N7": "2021年3月5日", "E6": None})
    found = examine(data)
    marked = mark(data, "目录.xlsx", [finding(8, "M"), finding(9, "M", "warning"), finding(7, "N")], found)
    assert read(marked, "目录.xlsx")[:2] == read(data, "目录.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(marked))
    sheet = book["目录"]
    colours = {
        cell.coordinate: cell.fill.fgColor.rgb
        for row in sheet.iter_rows(min_row=3)
        for cell in row
        if cell.fill.fill_type and cell.coordinate != "B5"
    }
    assert colours == {"A4": RED, "O4": AMBER, "N7": AMBER, "E6": RED, "M8": RED, "M9": PALE}
    assert sheet["B5"].fill.fgColor.rgb == "FF00FF00"
    assert sheet["A2"].font.bold
    assert sheet["A4"].comment.text.startswith("去年已报")  # the comment that was there
    assert "系统名称" in sheet["A4"].comment.text
    assert (
        sheet["N7"].comment.text == "不对\n=改\n日期写成其他形式的文字：日期写成了文字，改为标准写法\n改为 2021-03-05"
    )
    assert book.sheetnames == ["目录", "说明", "问题清单"]
    rows = list(book["问题清单"].iter_rows(values_only=True))
    assert rows[0][0].startswith("须您改 3 处，可修复 3 处，提示 1 处")
    assert rows[2] == ("工作表", "行", "列", "现值", "结论", "问题", "怎么改")
    assert [row[1:3] for row in rows[3:]] == [(4, "A"), (4, "O"), (6, "E"), (7, "N"), (7, "N"), (8, "M"), (9, "M")]
    assert book["问题清单"]["C4"].hyperlink.location == "'目录'!A4"
    assert {cell.data_type for row in book["问题清单"] for cell in row} <= {"s", "n", "inlineStr"}


def test_charts_and_the_rest_go_over_byte_for_byte() -> None:
    data = workbook({"N7": "2021年3月5日"})
    old, new = parts(data), parts(mark(data, "目录.xlsx", (), examine(data)))
    changed = {name for name in old if old[name] != new[name]}
    assert changed <= {
        SHEET,
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }
    assert {name for name in old if "chart" in name} <= old.keys() - changed
    without_styles = [re.sub(rb' s="[0-9]+"', b"", part[SHEET]) for part in (old, new)]
    assert without_styles[0] == without_styles[1]


def test_marking_twice_and_a_list_of_that_name() -> None:
    data = workbook({"N7": "2021年3月5日"})
    twice = mark(mark(data, "目录.xlsx", (), examine(data)), "目录.xlsx", (), examine(data))
    book = openpyxl.load_workbook(io.BytesIO(twice))
    assert book.sheetnames == ["目录", "说明", "问题清单", "问题清单_2"]
    assert book["目录"]["N7"].comment.text.count("改为 2021-03-05") == 2


def test_a_csv_becomes_a_workbook_of_its_values_without_formulas() -> None:
    data = "资源名称,来源部门,更新周期\n=1+1,@SUM(1),=cmd|'/C echo'!A0\n甲,乙局,隔三差五\n".encode()
    book = openpyxl.load_workbook(io.BytesIO(mark(data, "=目录:*.csv", drafts(data, "=目录:*.csv").findings, ())))
    assert book.sheetnames == ["=目录__", "问题清单"]
    sheet = book["=目录__"]
    assert [cell.value for cell in sheet[2]] == ["=1+1", "@SUM(1)", "=cmd|'/C echo'!A0"]
    assert {cell.data_type for page in book for row in page.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert sheet["C3"].fill.fgColor.rgb == RED
    assert "实时、每日" in sheet["C3"].comment.text


def test_an_older_xls_is_marked_from_what_was_read() -> None:
    sheets = [Sheet("目录", (Row(1, ("资源名称",), 1), Row(2, ("甲",), 1)))]
    book = openpyxl.load_workbook(io.BytesIO(mark(OLE + b"x", "目录.xls", [finding(2, "A")], (), sheets)))
    assert (book["目录"]["A2"].value, book["目录"]["A2"].fill.fgColor.rgb) == ("甲", RED)


def test_a_place_that_is_not_there() -> None:
    with pytest.raises(MetadataError, match="CELL_CHANGED"):
        mark(workbook({}), "目录.xlsx", [finding(2, "A", sheet="没有")], ())


def test_hostile_words_are_text() -> None:
    words = "=HYPERLINK(1)\x07\ufffe<b>&_x0041_𠮷" + "长" * 100
    data = workbook({})
    marked = mark(data, "目录.xlsx", [finding(4, "A", problem=words), finding(400, "ZZ", problem=words)], ())
    book = openpyxl.load_workbook(io.BytesIO(marked))
    shown = words.replace("\x07", "\ufffd").replace("\ufffe", "\ufffd")
    assert book["问题清单"]["F4"].value.replace("_x005F_", "_") == shown
    assert book["目录"]["ZZ400"].fill.fgColor.rgb == RED
    assert read(marked, "目录.xlsx")[2].rows[2].cells[5] == shown


def test_comment_boxes_are_named_before_tables() -> None:
    """The order of a sheet's parts is fixed by the standard; spreadsheet programs refuse another."""
    book = openpyxl.load_workbook(io.BytesIO(workbook({"A4": "城建档案系统"})))
    book["目录"]["A4"].comment = None
    book["目录"].add_table(Table(displayName="表一", ref="A2:Q9"))
    book["目录"].oddHeader.center.text = "目录"
    stream = io.BytesIO()
    book.save(stream)
    data = stream.getvalue()
    sheet = parts(mark(data, "目录.xlsx", (), examine(data)))[SHEET].decode()
    order = ["<sheetData", "<mergeCells", "<dataValidations", "<headerFooter", "<legacyDrawing", "<tableParts"]
    assert [sheet.index(each) for each in order] == sorted(sheet.index(each) for each in order)
