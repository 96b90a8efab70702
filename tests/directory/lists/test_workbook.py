"""A list as a workbook: what is in it can be read whole, on a screen and on paper, in whatever opens it."""

import io

import openpyxl
import pytest

from directory.lists.workbook import write

COLUMNS = ("名称", "部门", "件数")
LONG = "为落实城乡居民基本养老保险待遇领取资格认证工作要求需要核验申请人婚姻登记情况" * 5


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("短", 15, 15), ("一\n二\n三", 45, 45), (LONG, 15 * 8, 15 * 10), (LONG * 20, 405, 405)],
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
