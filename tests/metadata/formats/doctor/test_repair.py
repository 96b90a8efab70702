"""What is written back: the cells named, and no byte of anything else."""

import csv
import io
import re
from collections.abc import Mapping

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metadata.errors import MetadataError
from metadata.formats.doctor.csv_repair import fields, repair_csv
from metadata.formats.doctor.fault import Repair
from metadata.formats.doctor.repair import repair
from metadata.formats.sheet import Row, Sheet
from metadata.formats.spreadsheet import OLE, read
from metadata.formats.workbook_findings import column_letters
from tests.metadata.formats.doctor.department_workbook import examine, parts, with_cell, with_part, workbook

SHEET = "xl/worksheets/sheet1.xml"
CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
HOSTILE = (
    "=cmd|'/C calc'!A0",
    "@SUM(1)",
    "😀" * 50,
    "𠮷𡈽𪚥",
    "<&>\"'_x0041_",
    "  前后空格  ",
    "一\n二\r\n三",
    "a,b;c\td",
    "0012",
    "长" * 32_767,
)


def one(
    row: int, column: str, before: str, after: str | None, sheet: str = "目录", fault: str = "short_code"
) -> Repair:
    words = {"reason_zh": "改", "reason_en": "mend", "is_certain": True}
    return Repair.model_validate(
        {"fault": fault, "sheet": sheet, "row": row, "column": column, "before": before, "after": after, **words}
    )


def test_only_the_cells_of_one_sheet_change() -> None:
    """Charts, comments, lists, macros and what nobody knows go over byte for byte; so do all other cells."""
    data = with_part(workbook({"N7": "2021年3月5日", "E6": None, "B4": None}), "xl/vbaProject.bin", b"\0macro\xff")
    repairs = [each for each in examine(data) if each.after is not None]
    assert {f"{each.column}{each.row}" for each in repairs} == {"N7", "B4"}
    old, new = parts(data), parts(repair(data, "目录.xlsm", repairs))
    assert list(old) == list(new)
    assert {name for name in old if old[name] != new[name]} == {SHEET}
    cells = [{match[1].decode(): match[0] for match in CELL.finditer(part[SHEET])} for part in (old, new)]
    assert {place for place in cells[0].keys() | cells[1].keys() if cells[0].get(place) != cells[1].get(place)} == {
        "N7",
        "B4",
    }
    rest = [re.sub(rb' spans="[^"]*"', b"", CELL.sub(b"", part[SHEET])) for part in (old, new)]
    assert rest[0] == rest[1]


def test_a_repaired_cell_keeps_its_style_and_a_new_one_takes_its_columns() -> None:
    data = workbook({"B5": "示例市 民政局"})
    book = openpyxl.load_workbook(io.BytesIO(repair(data, "目录.xlsx", [one(5, "B", "示例市 民政局", "示例市民政局")])))
    sheet = book["目录"]
    assert (sheet["B5"].value, sheet["B5"].fill.fgColor.rgb) == ("示例市民政局", "FF00FF00")
    assert (sheet["R3"].value, sheet["A4"].comment.text, sheet.freeze_panes) == ("=H3*2", "去年已报", "B3")
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:R1"]
    assert len(sheet.data_validations.dataValidation) == 1


def test_a_number_becomes_a_number_and_a_code_a_text() -> None:
    data = workbook({"H3": "35 GB", "D4": "45"})
    repairs = [one(3, "H", "35 GB", "35", fault="unit_in_number"), one(4, "D", "45", "000045")]
    cells = {row.number: row.cells for row in read(repair(data, "目录.xlsx", repairs), "目录.xlsx")[0].rows}
    assert (cells[3][7], cells[4][3]) == (35, "000045")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_put_is_read_back_and_is_no_formula(text: str) -> None:
    data = workbook({"A3": text})
    before = str(read(data, "目录.xlsx")[0].rows[2].cells[0])
    repaired = repair(data, "目录.xlsx", [one(3, "A", before, f"{text}改"), one(4, "A", "商品房预售许可信息", text)])
    cell = openpyxl.load_workbook(io.BytesIO(repaired))["目录"]["A4"]
    assert cell.data_type in {"s", "inlineStr"}
    rows = read(repaired, "目录.xlsx")[0].rows if len(text) < 32_767 else ()
    assert [row.cells[0] for row in rows[2:4]] == [f"{text}改".strip(), text.strip()][: len(rows)]


def test_what_a_person_must_fill_in_is_left() -> None:
    data = workbook({})
    assert parts(repair(data, "目录.xlsx", [one(3, "A", "施工许可信息", None)])) == parts(data)


def test_refusals() -> None:
    data = workbook({})
    with pytest.raises(MetadataError, match="CELL_CHANGED"):
        repair(data, "目录.xlsx", [one(3, "A", "别的", "改")])
    with pytest.raises(MetadataError, match="CELL_CHANGED"):
        repair(data, "目录.xlsx", [one(3, "A", "施工许可信息", "改", sheet="没有")])
    with pytest.raises(MetadataError, match="CELL_CHANGED"):
        repair(data, "目录.xlsx", [one(3, "甲", "施工许可信息", "改")])
    computed = with_cell(data, "M4", '<c r="M4" t="str"><f>"每"&amp;"月"</f><v>每月</v></c>')
    with pytest.raises(MetadataError, match="CELL_COMPUTED"):
        repair(computed, "目录.xlsx", [one(4, "M", "每月", "每日")])
    big5 = "資源名稱,提供方\n甲,乙局\n".encode("big5")
    with pytest.raises(MetadataError, match="CELL_UNENCODABLE"):
        repair(big5, "目录.csv", [one(2, "A", "甲", "龙门阵", sheet="目录")])
    with pytest.raises(MetadataError, match="FILE_NOT_WORKBOOK"):
        repair(OLE + b"rest", "目录.xls", [])


def test_an_older_xls_comes_back_as_xlsx() -> None:
    sheets = [Sheet("目录", (Row(1, ("资源名称", "提供方"), 2), Row(3, ("=1+1", "乙局", 2.5, True), 4)))]
    repaired = read(repair(OLE + b"rest", "目录.xls", [one(3, "B", "乙局", "甲局")], sheets), "目录.xls")
    assert [(row.number, row.cells) for row in repaired[0].rows] == [
        (1, ("资源名称", "提供方")),
        (3, ("=1+1", "甲局", 2.5, True)),
    ]
    assert repaired[0].formulas == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_csv_keeps_every_other_byte(encoding: str, line_end: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    lines = (
        "资源名称;提供方;发布日期",
        '"许可;""一""";甲局;"2021年3月5日"',
        "备案𠮷;甲局 。;2021.3.6",
        ";;",
        "登记;;x",
    )
    data = mark + line_end.join(lines).encode(encoding)
    repairs = [
        one(2, "C", "2021年3月5日", "2021-03-05", "目录"),
        one(3, "B", "甲局 。", "甲;局", "目录"),
        one(5, "B", "", "=1", "目录"),
    ]
    wanted = [*lines]
    wanted[1] = wanted[1].replace("2021年3月5日", "2021-03-05")
    wanted[2] = wanted[2].replace("甲局 。", '"甲;局"')
    wanted[4] = "登记;'=1;x"
    assert repair(data, "目录.csv", repairs) == mark + line_end.join(wanted).encode(encoding)


cells = st.text(st.sampled_from(list('甲乙 a1,"\r\n=𠮷')), max_size=6)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5), st.data())
@settings(max_examples=150, deadline=None)
@example([["", "", ""]], None)
def test_any_csv_changes_only_in_its_cell(rows: list[list[str]], draw: st.DataObject | None) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([["a,", "b", "c"], *rows])
    text = stream.getvalue()
    found = {place: text[start:end] for place, start, end in fields(text, ",")}
    assert set(found) == {(row, column) for row in range(1, len(rows) + 2) for column in range(3)}
    row, column = (2, 1) if draw is None else (draw.draw(st.integers(2, len(rows) + 1)), draw.draw(st.integers(0, 2)))
    new = "改，后" if draw is None else draw.draw(cells)
    put = repair_csv(text.encode(), "目录.csv", {(row, column): new}).decode()
    expected = [["a,", "b", "c"], *([*each] for each in rows)]
    expected[row - 1][column] = f"'{new}" if new[:1] in {"=", "\t", "\r", "\n"} else new
    assert list(csv.reader(io.StringIO(put, newline=""), strict=True)) == expected


places = st.tuples(st.integers(3, 12), st.integers(0, 20))
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=9
)


@given(st.dictionaries(places, words, max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_repairs_change_only_their_cells(values: Mapping[tuple[int, int], str]) -> None:
    """Cells and rows that are not there yet among them; the formula in R3 excepted."""
    values = {place: text for place, text in values.items() if place != (3, 17)}
    before = {row.number: row.cells for row in read(CLEAN, "目录.xlsx")[0].rows}
    repairs = [
        one(row, column_letters(column), _text(before, row, column), text) for (row, column), text in values.items()
    ]
    after = {row.number: row.cells for row in read(repair(CLEAN, "目录.xlsx", repairs), "目录.xlsx")[0].rows}
    for row in range(1, 14):
        for column in range(22):
            if (row, column) in values:
                assert _text(after, row, column) == values[row, column].strip()
            else:
                assert after.get(row, ())[column : column + 1] in (before.get(row, ())[column : column + 1], (None,))
                assert _text(after, row, column) == _text(before, row, column)


CLEAN = workbook({})


def _text(rows: Mapping[int, tuple[object, ...]], row: int, column: int) -> str:
    found = rows.get(row, ())[column : column + 1]
    value = found[0] if found else None
    return "" if value is None else str(int(value) if isinstance(value, float) and value.is_integer() else value)
