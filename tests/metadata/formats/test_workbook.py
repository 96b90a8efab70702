"""Catalogue workbooks become drafts; every fault is named by sheet, row and column."""

import io
import json
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.errors import MetadataError
from metadata.formats.workbook import CellFinding, WorkbookDrafts, column_letters, drafts
from metadata.formats.workbook_elements import ELEMENTS
from metadata.formats.workbook_report import write_report
from metadata.resource import Category, Format, Party, Resource

GUANGXI = Path(__file__).parents[4] / "shared" / "data" / "catalogue" / "cn_guangxi_open_data_catalogue_2021.xlsx"
GUANGXI_HEADER = "资源名称,分发序号,分发格式,主题,来源部门,所属行业,开放状态,更新频率,数据量,发布时间,最后更新时间,描述"


def _read(*lines: str, provider: Party | None = None) -> WorkbookDrafts:
    return drafts("\n".join(lines).encode(), "目录.csv", provider)


def _resource(*lines: str) -> Resource:
    (draft,) = _read(*lines).drafts
    return draft.resource


def _places(read: WorkbookDrafts) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.column, each.severity, each.rule) for each in read.findings]


def _workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_rows_of_one_title_and_provider_are_one_entry() -> None:
    read = _read(
        GUANGXI_HEADER,
        '绿色学校,0,xls,生态环境,南宁市环境局,教育,无条件开放,每年,"1,884",2021-06-22 18:26:40,2021/6/23,历年评选',
        '绿色学校,0,csv,生态环境,南宁市环境局,教育,无条件开放,每年,"1,884",2021-06-22 18:26:40,2021/6/23,历年评选',
        "绿色学校,0,csv,生态环境,柳州市环境局,教育,无条件开放,每天,7,2021年6月22日,20210623,历年评选",
    )
    first, second = read.drafts
    resource = first.resource
    assert (resource.title, resource.provider.name) == ("绿色学校", "南宁市环境局")
    assert [each.row for each in first.source_rows] == [2, 3]
    assert resource.formats == (Format(category="电子表格", types=("xls",)), Format(other="csv"))
    assert resource.categories == (
        Category(scheme="主题分类", name="生态环境"),
        Category(scheme="行业分类", name="教育", code="P"),
    )
    assert (resource.update_cycle, second.resource.update_cycle) == ("yearly", "daily")
    assert resource.published_on == second.resource.published_on == date(2021, 6, 22)
    assert resource.updated_on == second.resource.updated_on == date(2021, 6, 23)
    assert resource.abstract == "历年评选"
    assert _places(read) == [(1, "B", "warning", "workbook.column"), (1, "I", "warning", "workbook.column")]


def test_openness_never_fills_sharing() -> None:
    resource = _resource("资源名称,来源部门,开放状态", "甲,乙局,无条件开放")
    assert resource.openness.is_open is True
    assert resource.sharing.share_type is None
    (draft,) = _read("资源名称,来源部门,开放状态", "甲,乙局,无条件开放").drafts
    assert "sharing.share_type" in [finding.path for finding in draft.findings]


def test_the_guide_s_own_form() -> None:
    """One row for each 信息项; the entry's elements stand in the first row only, as in merged cells."""
    resource = _resource(
        "政务信息资源目录,,,,,,,,,,,",
        "信息资源名称（必填）,信息资源提供方,提供方代码,信息资源摘要,信息资源格式分类,信息资源格式类型,信息项名称,数据类型,数据长度,共享类型,共享方式类型,是否向社会开放",
        "低保人员,民政局,11450100007555555X,低保名册,数据库,mysql,姓名,字符型,50,有条件共享,数据库,否",
        ",,,,,,发放日期,D,,,,",
        ",,,,,,更新时间,T,,,,",
    )
    assert resource.provider == Party(name="民政局", code="11450100007555555X")
    assert [(item.name, item.type_code, item.length) for item in resource.items] == [
        ("姓名", "C", 50),
        ("发放日期", "D", None),
        ("更新时间", "T", None),
    ]
    assert (resource.sharing.share_type, resource.sharing.method_types) == ("conditional", ("batch",))
    assert resource.openness.is_open is False
    assert resource.formats == (Format(category="数据库", types=("mysql",)),)


def test_every_fault_is_named_by_its_cell() -> None:
    read = _read(
        "资源名称,来源部门,更新周期,发布日期,共享类型,行业,开放状态",
        "甲,乙局,隔三差五,2021-02-30,1,发布时间,半开",
        ",乙局,,,,,",
        "丙,,,,,,",
        "丁,乙局,#REF!,暂无,,其他,",
        "戊,乙局,每月,2021-01-01,,,,多出一格",
    )
    assert _places(read) == [
        (2, "C", "error", "workbook.update_cycle"),
        (2, "D", "error", "workbook.date"),
        (2, "E", "error", "workbook.share_type"),
        (2, "F", "error", "workbook.shifted"),
        (2, "G", "error", "workbook.openness"),
        (3, "A", "error", "workbook.missing"),
        (4, "B", "error", "workbook.missing"),
        (5, "C", "error", "workbook.formula"),
        (5, "F", "warning", "workbook.industry"),
        (6, "H", "error", "workbook.ragged"),
    ]
    assert [draft.resource.title for draft in read.drafts] == ["甲", "丁"]
    assert read.findings[0].value == "隔三差五"
    assert all(finding.problem and finding.problem_en and finding.remedy for finding in read.findings)
    assert read.drafts[1].resource.categories == (Category(scheme="行业分类", name="其他"),)


def test_later_rows_that_say_otherwise_are_reported() -> None:
    read = _read("资源名称,来源部门,描述,更新频率", "甲,乙局,先,每月", "甲,乙局,后,每月")
    assert _places(read) == [(3, "C", "warning", "workbook.contradiction")]
    assert read.drafts[0].resource.abstract == "先"


def test_lost_characters_are_suspected() -> None:
    assert _places(_read("资源名称,来源部门", "甲,?市自然资源局")) == [(2, "B", "warning", "workbook.lost_character")]


def test_control_characters_and_long_cells_are_not_taken() -> None:
    read = _read("资源名称,来源部门,摘要", "甲\x07,乙局,丙", f"丁,乙局,{'长' * 10_001}")
    assert _places(read) == [
        (2, "A", "error", "workbook.character"),
        (3, "C", "error", "workbook.length"),
    ]
    assert len(read.findings[1].value) == 200


def test_dates_as_spreadsheets_hold_them() -> None:
    rows: list[list[object]] = [
        ["资源名称", "来源部门", "发布日期", "更新日期"],
        ["甲", "乙局", datetime(2021, 6, 22, 18, 26), 44370],
    ]
    (draft,) = drafts(_workbook(("目录", rows)), "目录.xlsx").drafts
    assert (draft.resource.published_on, draft.resource.updated_on) == (date(2021, 6, 22), date(2021, 6, 23))


def test_a_provider_may_be_given() -> None:
    office = Party(name="市信息办", code="11450100007777777X")
    read = _read("资源名称", "甲", provider=office)
    assert read.drafts[0].resource.provider == office
    with pytest.raises(MetadataError) as caught:
        _read("资源名称", "甲")
    assert caught.value.code == "HEADERS_UNKNOWN"
    assert "信息资源提供方" in str(caught.value)


def test_headers_that_stand_for_one_element_are_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        _read("资源名称,来源部门,描述,摘要", "甲,乙,丙,丁")
    assert caught.value.code == "HEADERS_DOUBLED"
    assert "描述、摘要" in str(caught.value)


def test_sheets_and_columns_that_are_not_the_catalogue_are_said_to_be_left_out() -> None:
    rows: list[list[object]] = [["资源名称", "来源部门", None, "备注"], ["甲", "乙局", "无头", "说明"]]
    read = drafts(_workbook(("填表说明", [["请如实填写"]]), ("目录", rows)), "目录.xlsx")
    assert [(each.sheet, each.row, each.column, each.rule) for each in read.findings] == [
        ("填表说明", 1, "A", "workbook.sheet"),
        ("目录", 1, "C", "workbook.column"),
        ("目录", 1, "D", "workbook.column"),
    ]
    assert len(read.drafts) == 1


def test_a_header_alone_is_no_entry() -> None:
    read = _read("信息资源名称,信息资源提供方,摘要")
    assert (read.drafts, _places(read)) == ((), [(1, "A", "warning", "workbook.no_rows")])


def test_column_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.skipif(not GUANGXI.exists(), reason=f"{GUANGXI} is not here")
def test_the_real_catalogue_of_guangxi() -> None:
    read = drafts(GUANGXI.read_bytes(), GUANGXI.name)
    assert (read.rows, len(read.drafts)) == (5381, 1187)
    assert sum(len(draft.source_rows) for draft in read.drafts) == 5381
    assert all(draft.resource.sharing.share_type is None for draft in read.drafts)
    assert all(draft.resource.openness.is_open for draft in read.drafts)
    assert all("sharing.share_type" in [each.path for each in draft.findings] for draft in read.drafts)
    assert {draft.resource.update_cycle for draft in read.drafts} >= {"yearly", "daily", "realtime", "irregular", None}
    # In 3,069 rows the column 所属行业 holds the name of the next column instead of a value.
    shifted = [finding for finding in read.findings if finding.rule == "workbook.shifted"]
    assert {(finding.column, finding.value) for finding in shifted} == {("F", "发布时间")}
    assert len(shifted) == 3069


def test_the_json_report_names_everything() -> None:
    data = "资源名称,来源部门,更新周期\n甲,乙局,隔三差五".encode()
    read = drafts(data, "目录.csv")
    report = json.loads(write_report("json", read, data, "目录.csv"))
    assert (report["file"], report["rows"]) == ("目录.csv", 1)
    assert CellFinding.model_validate(report["findings"][0]) == read.findings[0]
    assert report["drafts"][0]["rows"] == [{"sheet": "目录", "row": 2}]
    assert report["drafts"][0]["lacks"]


def test_the_xlsx_report_is_the_workbook_with_its_cells_marked() -> None:
    data = _workbook(
        ("目录 一", [["资源名称", "来源部门", "更新周期"], ["=1+1", "乙局", "隔三差五"], ["丙", "乙局", 7.5]])
    )
    read = drafts(data, "目录.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(write_report("xlsx", read, data, "目录.xlsx")))
    assert book.sheetnames == ["目录 一", "问题清单"]
    sheet = book["目录 一"]
    assert sheet["A2"].value == "=1+1"  # the department's own formula is still there
    assert "实时、每日" in sheet["C2"].comment.text
    assert sheet["C2"].fill.fgColor.rgb == "FFF4B6B6"
    assert sheet["B2"].comment is None
    assert [cell.value for cell in book["问题清单"][4]][:3] == ["目录 一", 2, "A"]


words = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["甲", "每年", "1e999", "inf", "2021-02-30", "=1", "9" * 30, "-1", "发布时间", "\ufffe", "年月日"]),
)


@given(st.lists(st.lists(words, min_size=len(ELEMENTS), max_size=len(ELEMENTS)), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_cells(rows: list[list[str]]) -> None:
    header = [each.label for each in ELEMENTS.values()]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [header, *rows]]
    data = "\r\n".join(quoted).encode()
    read = drafts(data, "目录.csv")
    assert sum(len(draft.source_rows) for draft in read.drafts) <= read.rows
    for draft in read.drafts:
        assert Resource.from_bytes(draft.resource.to_bytes()) == draft.resource
    if read.findings:
        write_report("xlsx", read, data, "目录.csv")


def test_characters_that_nobody_sees_are_taken_off_and_said() -> None:
    read = _read(
        "资源\u200b名称,来源部门,描述",
        "道\u200b路\ufeff,交通局,第一行_x000D_第二行_xD842__xDFB7_",
        "桥梁,交通局,_x0041_",
    )
    first, second = (each.resource for each in read.drafts)
    assert (first.title, first.abstract, second.abstract) == ("道路", "第一行\n第二行𠮷", "_x0041_")
    assert _places(read) == [(2, "A", "warning", "workbook.unseen"), (2, "C", "warning", "workbook.escaped")]
    assert "U+200B、U+FEFF" in read.findings[0].problem


def test_a_pair_of_escapes_in_a_workbook_is_one_character() -> None:
    data = _workbook(("目录", [["资源名称", "来源部门"], ["甲_xD842__xDFB7_", "交通局"]]))
    (draft,) = drafts(data, "目录.xlsx").drafts
    assert draft.resource.title == "甲𠮷"


@pytest.mark.parametrize(
    "header",
    [
        "資料集名稱,提供機關,資料集描述,更新頻率",
        "Title,Publisher,Description,Update Frequency",
        "dataset_name,department,abstract,update-cycle",
        "TITLE（标题）,Provider,Summary,Frequency",
    ],
)
def test_headers_of_other_catalogues_and_in_english_are_known(header: str) -> None:
    resource = _resource(header, "道路,交通局,有哪些路,每年")
    assert (resource.title, resource.provider.name, resource.abstract, resource.update_cycle) == (
        *("道路", "交通局", "有哪些路"),
        "yearly",
    )


def test_an_english_word_in_a_cell_is_a_value() -> None:
    assert _resource("资源名称,来源部门,分发格式", "Title,交通局,Format").title == "Title"


def test_another_table_below_is_refused_and_a_repeated_header_left_out() -> None:
    head = ["信息资源名称", "信息资源提供方", "信息资源摘要"]
    rows = [
        head,
        ["甲", "交通局", "一"],
        head,
        ["乙", "交通局", "二"],
        [],
        ["信息资源名称", "更新周期", "信息资源提供方"],
    ]
    read = drafts(_workbook(("目录", [*rows, ["丙", "每年", "水利局"]])), "目录.xlsx")
    assert [each.resource.title for each in read.drafts] == ["甲", "乙"]
    assert _places(read) == [(6, "A", "error", "workbook.table")]
    assert "下面 1 行未导入" in read.findings[0].problem


def test_hidden_rows_and_columns_are_read_and_said() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["信息资源名称", "信息资源提供方", "备注"], ["甲", "交通局", "x"], ["乙", "交通局", "y"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    read = drafts(stream.getvalue(), "目录.xlsx")
    assert len(read.drafts) == 2
    hidden = [(each.row, each.column) for each in read.findings if each.rule == "workbook.hidden"]
    assert hidden == [(1, "B"), (3, "A")]


@pytest.mark.parametrize(
    ("text", "length"), [("１８", 18), ("18.0", 18), ('"1,000"', 1000), ("18", 18), ("18.5", None), ('"1,00"', None)]
)
def test_one_number_has_many_spellings(text: str, length: int | None) -> None:
    read = _read("资源名称,来源部门,信息项名称,数据长度", f"道路,交通局,项,{text}")
    (item,) = read.drafts[0].resource.items
    assert item.length == length
    assert bool(read.findings) is (length is None)


def test_a_date_in_full_width_is_that_date() -> None:
    assert _resource("资源名称,来源部门,发布日期", "道路,交通局,２０２４－０１－０２").published_on == date(2024, 1, 2)


def test_an_item_with_the_name_of_a_column_is_an_item() -> None:
    resource = _resource("资源名称,来源部门,信息项名称,字段名", "道路,交通局,编号,id", ",,名称,name", ",,代码,code")
    assert [each.name for each in resource.items] == ["编号", "名称", "代码"]


def test_a_code_that_lost_its_last_digits_is_not_taken() -> None:
    head = ["信息资源名称", "信息资源提供方", "信息资源提供方代码"]
    read = drafts(_workbook(("目录", [head, ["道路", "交通局", 114500000075658700]])), "目录.xlsx")
    assert read.drafts[0].resource.provider.code == ""
    assert _places(read) == [(2, "C", "error", "workbook.digits")]
