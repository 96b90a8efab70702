"""A list as a workbook: what is in it can be read whole, on a screen and on paper, in whatever opens it."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from directory.lists.workbook import write

COLUMNS = ("名称", "部门", "件数")
LONG = "为落实城乡居民基本养老保险待遇领取资格认证工作要求需要核验申请人婚姻登记情况" * 5


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("短", 15, 15), ("一\n二\n三", 45, 45), (LONG, 15 * 8, 15 * 10), (LONG * 10, 15 * 20, 405)],
)
def test_a_row_is_as_tall_as_what_stands_in_it(text: str, least: int, most: int) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write("清单", COLUMNS, [(text, "人社局", 3)])))["清单"]
    assert least <= float(sheet.row_dimensions[2].height or 15) <= most
    assert sheet["A2"].value == text


@pytest.mark.parametrize(("columns", "pages"), [(COLUMNS, 1), (("很长的一个列名称在这里",) * 20, 3)])
def test_it_is_printed_on_its_side_as_wide_as_can_be_read_with_its_head_on_each_page(
    columns: tuple[str, ...], pages: int
) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write("清单 & 其他", columns, [], ["说明"])))["清单 & 其他"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (pages, 0)
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddFooter.left.text == "清单 && 其他"


def test_a_text_for_which_the_tallest_row_would_not_do_has_a_wider_column() -> None:
    words = "核" * 2_000  # the most that a form takes
    book = openpyxl.load_workbook(io.BytesIO(write("清单", COLUMNS, [(words, "人社局", 3), ("短", "短", 4)])))
    sheet = book["清单"]
    assert float(sheet.column_dimensions["A"].width) * 27 >= 2 * len(words)
    assert float(sheet.column_dimensions["B"].width) < 48
    assert float(sheet.row_dimensions[2].height) <= 405
    assert book.sheetnames == ["清单"]


def test_what_no_row_shows_stands_on_a_sheet_of_its_own_once_more_and_whole() -> None:
    words = "\n".join(f"第 {number} 次：{LONG}" for number in range(60))
    book = openpyxl.load_workbook(io.BytesIO(write("清单", COLUMNS, [("短", words, 3)], ["说明"])))
    assert book.sheetnames == ["清单", "说明", "全文"]
    assert book["清单"]["B2"].value == words
    place, *pieces = [row[0].value for row in book["全文"].iter_rows()]
    assert place == "第 2 行“部门”："
    assert "".join(pieces) == words.replace("\n", "")
    assert all(float(each.height) <= 405 for each in book["全文"].row_dimensions.values() if each.height)


def test_numbers_and_days_are_what_they_are_beside_tall_texts() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write("清单", COLUMNS, [(LONG, date(2026, 11, 20), 3)])))["清单"]
    assert (sheet["B2"].value, sheet["C2"].value) == (datetime(2026, 11, 20), 3)
    assert {sheet[cell].alignment.vertical for cell in ("A2", "B2", "C2")} == {"top"}
