"""What is in an xlsx besides plain cells: merged ranges, formulas and their results, dates, hidden sheets, escapes."""

import io
import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from metadata.errors import MetadataError
from metadata.formats.column_mapping import propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Known
from metadata.formats.sheet import Formula, Sheet
from metadata.formats.spreadsheet import read
from metadata.formats.workbook import drafts, drafts_of

GUANGXI = Path(__file__).parents[4] / "shared" / "data" / "catalogue" / "cn_guangxi_open_data_catalogue_2021.xlsx"


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(sheet: Sheet) -> list[tuple[object, ...]]:
    return [row.cells for row in sheet.rows]


def test_a_merged_range_stands_in_all_its_rows() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["信息资源名称", "来源部门", "信息项名称"],
        ["甲", "民政局", "姓名"],
        [None, None, "住址"],
        [None, None, "年龄"],
    ):
        book.active.append(row)
    book.active.append(["注：如实填写"])
    for place in ("A2:A4", "B2:B4", "A5:C5"):
        book.active.merge_cells(place)
    (sheet,) = read(_saved(book), "表.xlsx")
    assert _cells(sheet)[1:] == [
        ("甲", "民政局", "姓名"),
        ("甲", "民政局", "住址"),
        ("甲", "民政局", "年龄"),
        ("注：如实填写",),  # a note over several columns is no department
    ]
    found = drafts_of([sheet], "表.xlsx")
    assert [item.name for item in found.drafts[0].resource.items] == ["姓名", "住址", "年龄"]
    assert [(each.row, each.rule) for each in found.findings] == [(5, "workbook.note")]


def test_formulas_are_never_evaluated() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("目录")
        sheet.write_row(0, 0, ["信息资源名称", "来源部门", "摘要", "关键字"])
        sheet.write_row(1, 0, ["甲", "民政局"])
        sheet.write_formula(1, 2, '=A2&"名单"', None, "甲名单")
        sheet.write_formula(1, 3, "=NOW()", None, "今天")
        sheet.write_row(2, 0, ["乙", "民政局"])
        sheet.write_formula(2, 2, '=A3&"名单"', None, "乙名单")
    data = stream.getvalue()
    (read_sheet,) = read(data, "表.xlsx")
    assert _cells(read_sheet)[1:] == [("甲", "民政局", "甲名单", "今天"), ("乙", "民政局", "乙名单")]
    assert read_sheet.formulas[0] == Formula(2, 2, '=A2&"名单"', has_result=True)
    found = drafts(data, "表.xlsx")
    said = [(each.row, each.column, each.severity, each.rule) for each in found.findings]
    assert said == [(2, "C", "warning", "workbook.formula_value"), (2, "D", "warning", "workbook.formula_value")]
    assert "2 格是公式" in found.findings[0].problem


def test_a_formula_without_a_result_is_its_text() -> None:
    book = openpyxl.Workbook()
    for row in (["信息资源名称", "来源部门", "摘要"], ["甲", "民政局", '=HYPERLINK("http://x/",A2)']):
        book.active.append(row)
    found = drafts(_saved(book), "表.xlsx")
    assert found.drafts[0].resource.abstract == '=HYPERLINK("http://x/",A2)'
    assert [(each.row, each.column, each.rule) for each in found.findings] == [(2, "C", "workbook.formula_text")]


def test_an_empty_text_is_a_result() -> None:
    cells = "<c r='A1' t='str'><f>T(B1)</f><v></v></c><c r='B1'><v>1</v></c>"
    sheet = f"<worksheet><sheetData><row r='1'>{cells}</row></sheetData></worksheet>"
    (found,) = read(_replaced("xl/worksheets/sheet1.xml", sheet), "表.xlsx")
    assert (_cells(found), found.formulas) == ([(None, 1)], (Formula(1, 0, "=T(B1)", has_result=True),))


def test_hidden_sheets_are_named() -> None:
    book = openpyxl.Workbook()
    for name, state in (("目录", "visible"), ("旧目录", "hidden"), ("更旧", "veryHidden")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(["信息资源名称", "来源部门"])
        sheet.append([f"{name}资源", "民政局"])
    del book["Sheet"]
    found = drafts(_saved(book), "表.xlsx")
    assert len(found.drafts) == 3
    assert [(each.sheet, each.rule) for each in found.findings] == [
        ("旧目录", "workbook.hidden"),
        ("更旧", "workbook.hidden"),
    ]


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_dates_are_dates(*, epoch_1904: bool) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"date_1904": epoch_1904}) as book:
        sheet = book.add_worksheet()
        for row, code in enumerate(["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "m/d/yy h:mm", "0.00"]):
            sheet.write(
                row, 0, datetime(2025, 8, 1, tzinfo=UTC).replace(tzinfo=None), book.add_format({"num_format": code})
            )
        sheet.write(4, 0, time(8, 30), book.add_format({"num_format": "h:mm"}))
        sheet.write(5, 0, -5, book.add_format({"num_format": "yyyy-mm-dd"}))
    (sheet_read,) = read(stream.getvalue(), "表.xlsx")
    day = datetime(2025, 8, 1)
    found = [cells[0] for cells in _cells(sheet_read)]
    assert found[:3] == [day, day, day]
    assert isinstance(found[3], int | float)
    assert found[4] == "08:30:00"
    assert found[5] is not None


def test_what_excel_escapes_comes_back() -> None:
    texts = ["_x0041_", "a_x000D_b", "𠮷㐂䶮", " 前后 ", "x\ny", "_xD800_"]
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_column(0, 0, texts)
    (sheet,) = read(stream.getvalue(), "表.xlsx")
    assert [cells[0] for cells in _cells(sheet)] == [text.strip() for text in texts]


def test_phonetic_guides_are_no_part_of_a_text() -> None:
    data = _replaced(
        "xl/sharedStrings.xml",
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>東</t></r><r><t>京</t></r>'
        '<rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>',
    )
    (sheet,) = read(data, "表.xlsx")
    assert _cells(sheet) == [("東京",)]


@pytest.mark.parametrize("prefix", ["x:", ""])
def test_other_spellings_of_the_same_parts(prefix: str) -> None:
    """Names with a prefix, cells without their places, a target from the root: all allowed by the standard."""
    sheet = (
        f'<{prefix}worksheet xmlns{":x" if prefix else ""}="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<{prefix}sheetData><{prefix}row><{prefix}c><{prefix}v>7</{prefix}v></{prefix}c><{prefix}c t='str'>"
        f"<{prefix}v>八</{prefix}v></{prefix}c></{prefix}row></{prefix}sheetData></{prefix}worksheet>"
    )
    (found,) = read(_replaced("xl/worksheets/sheet1.xml", sheet), "表.xlsx")
    assert _cells(found) == [(7, "八")]


def _replaced(member: str, content: str) -> bytes:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as plain:
        plain.add_worksheet().write_string(0, 0, "东")
    source = zipfile.ZipFile(book)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == member else source.read(name))
    return stream.getvalue()


@pytest.mark.skipif(not GUANGXI.exists(), reason=f"{GUANGXI} is not here")
def test_the_real_catalogue_reads_as_openpyxl_reads_it() -> None:
    data = GUANGXI.read_bytes()
    ours = read(data, GUANGXI.name)
    theirs = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet, other in zip(ours, theirs.worksheets, strict=True):
        rows = [_trimmed(row) for row in other.iter_rows(values_only=True)]
        assert _cells(sheet) == [row for row in rows if row]


def _trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    cells = [(cell.strip() or None) if isinstance(cell, str) else cell for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def test_a_day_is_told_without_its_midnight() -> None:
    book = openpyxl.Workbook()
    book.active.append(["信息资源名称", "来源部门", "摘要", "发布日期"])
    book.active.append(["甲", "民政局", date(2025, 8, 1), date(2025, 8, 1)])
    (draft,) = drafts(_saved(book), "表.xlsx").drafts
    assert (draft.resource.abstract, draft.resource.published_on) == ("2025-08-01", date(2025, 8, 1))


def test_a_bare_number_counts_days_as_its_file_does() -> None:
    days = {}
    for epoch in (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904):
        book = openpyxl.Workbook()
        book.epoch = epoch
        book.active.append(["信息资源名称", "来源部门", "发布日期"])
        book.active.append(["甲", "民政局", 43952])
        sheets = read(_saved(book), "表.xlsx")
        (draft,) = drafts_of(sheets, "表.xlsx").drafts
        (repair,) = diagnose(sheets, propose(sheets), Known())
        assert repair.after == str(draft.resource.published_on)
        days[epoch.year] = repair.after
    assert days == {1899: "2020-05-01", 1904: "2024-05-02"}


@pytest.mark.parametrize(("below", "stored_gb"), [("存储量(GB)", "1.5"), ("填这里", "")])
def test_three_rows_of_headers_end_where_their_merged_cells_do(below: str, stored_gb: str) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["信息资源名称", "来源部门", "信息资源大普查", None, None],
        [None, None, "总量", None, "结构化记录总数"],
        [None, None, below, "说明文字", None],
        ["甲", "民政局", "1.5", "x", "120"],
    ):
        book.active.append(row)
    for place in ("A1:A3", "B1:B3", "C1:E1", "C2:D2", "E2:E3"):
        book.active.merge_cells(place)
    found = drafts(_saved(book), "表.xlsx")
    (draft,) = found.drafts
    assert {each.rule for each in found.findings} <= {"workbook.column"}
    assert (draft.resource.title, draft.source_rows[0].row) == ("甲", 4)
    assert (draft.resource.volumes.stored_gb, draft.resource.volumes.stored_records) == (stored_gb, "120")


def test_what_cannot_be_read_is_said_in_words() -> None:
    ods = io.BytesIO()
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    for data, words in ((ods.getvalue(), "ODS"), (_saved(openpyxl.Workbook())[:900], "damaged")):
        with pytest.raises(MetadataError, match=words):
            read(data, "表.xlsx")
