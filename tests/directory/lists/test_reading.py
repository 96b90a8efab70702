"""Lists as people hand them in: whatever their header, their days and their sheets, all of it is read or named."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import DirectoryError
from directory.lists.departments import Departments
from directory.lists.reading import Line, read, take_each
from directory.lists.workbook import write
from directory.organisations.models import Organisation

COLUMNS = ("名称", "部门", "期限", "说明")
REQUIRED = COLUMNS[:3]
DAY = date(2027, 3, 1)
GOOD = ("车辆", "公安局", "2027-03-01", "")


def book(*sheets: Sequence[Sequence[Any]]) -> bytes:
    made, stream = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = made.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(list(row))
    made.save(stream)
    return stream.getvalue()


def lines(*rows: Sequence[Any], head: Sequence[str] = COLUMNS) -> list[Line]:
    return read(book([head, *rows]), "清单.xlsx", COLUMNS, REQUIRED)


def refused(code: str, *sheets: Sequence[Sequence[Any]]) -> DirectoryError:
    with pytest.raises(DirectoryError) as found:
        read(book(*sheets), "清单.xlsx", COLUMNS, REQUIRED)
    assert found.value.code == code
    return found.value


@pytest.mark.parametrize(
    "written",
    [
        "2027-03-01",
        "2027年3月1日",
        "2027/3/1",
        "2027.3.1",
        "20270301",
        "２０２７－０３－０１",
        "2027-3-1 00:00:00",
        "2027-03-01T09:30:00.000+08:00",
        "2027/3/1 上午 9时30分",
        "2027年3月1日 星期一",
        46447,
        DAY,
        datetime(2027, 3, 1, 9, 30),
    ],
)
def test_a_day_is_taken_in_every_way_that_people_write_it(written: Any) -> None:
    (line,) = lines(("车辆", "公安局", written))
    assert line.day("期限") == DAY


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("2027-03-01之前", "不是日期"),
        ("2027-03-01 至 2027-12-31", "不是日期"),
        ("2027-03-01 0:00 - 2027-12-31 0:00", "不是日期"),
        ("2027-03-01 之前", "不是日期"),
        ("2027-02-30", "不是日期"),
        ("", "没有写"),
    ],
)
def test_what_is_no_day_is_said_with_what_was_written(written: str, word: str) -> None:
    (line,) = lines(("车辆", "公安局", written))
    with pytest.raises(DirectoryError, match="LIST_ROW") as found:
        line.day("期限")
    assert (word in found.value.zh, written in found.value.zh, "第 2 行" in found.value.zh) == (True, True, True)


@pytest.mark.parametrize(
    "head",
    [
        ("*名称", "部门（必填）", "期 限", "说明"),
        ("名称\n", "部門", "期限(年月日)", "说明"),
        ("说明", "期限", "部门", "名称"),
    ],
)
def test_a_header_is_known_whatever_people_add_to_it(head: tuple[str, ...]) -> None:
    row = GOOD if head[0] != "说明" else GOOD[::-1]
    found = read(book([["责任清单（2027 年）"], [], head, row]), "清单.xlsx", COLUMNS, REQUIRED)
    assert [(line.number, *line.cells.values()) for line in found] == [(4, *GOOD)] or head[0] == "说明"
    assert found[0].cells == dict(zip(COLUMNS, GOOD, strict=True))


def test_notes_and_a_repeated_header_are_no_rows_and_what_looks_like_a_row_is() -> None:
    found = lines(GOOD, COLUMNS, GOOD, (), ("填表人：某人", "", "审核人：某人"), ("注：一行一项",), ("1.不得漏项",))
    assert [line.number for line in found] == [2, 4]
    assert [line.number for line in lines(("合计数据", "公安局", DAY), ("备注", "公安局", DAY))] == [2, 3]


def test_every_sheet_of_the_list_is_read_and_one_that_lacks_a_column_refuses_the_file() -> None:
    found = read(book([COLUMNS, GOOD], [["说明"], ["各部门填写"]], [COLUMNS, GOOD]), "清单.xlsx", COLUMNS, REQUIRED)
    assert [line.place for line in found] == ["“表1”第 2 行", "“表3”第 2 行"]
    error = refused("LIST_HEADERS", [COLUMNS, GOOD], [("名称", "期限"), ("车辆", DAY)])
    assert ("“表2”第 1 行" in error.zh, error.zh.endswith("：部门")) == (True, True)
    assert all(column in refused("LIST_HEADERS", [("甲", "乙")]).zh for column in REQUIRED)


def test_two_columns_of_one_name_are_refused() -> None:
    assert "部门" in refused("LIST_DOUBLED", [(*COLUMNS, "部门"), (*GOOD, "水务局")]).zh


def test_of_two_other_names_of_one_column_none_is_chosen() -> None:
    names = {"单位": "部门", "机构": "部门", "机构代码": "部门"}
    data = book([("名称", "单位", "机构", "期限"), ("车辆", "公安局", "水务局", DAY)])
    with pytest.raises(DirectoryError) as found:
        read(data, "清单.xlsx", COLUMNS, REQUIRED, names)
    assert (found.value.code, found.value.zh.endswith("单位、机构")) == ("LIST_DOUBLED", True)
    own = book([("名称", "单位", "机构", "期限", "部门"), ("车辆", "公安局", "水务局", DAY, "财政局")])
    assert read(own, "清单.xlsx", COLUMNS, REQUIRED, names)[0].cells["部门"] == "财政局"
    both = book([("名称", "机构", "机构代码", "期限"), ("车辆", "公安局", "11330100002489559F", DAY)])
    assert read(both, "清单.xlsx", COLUMNS, REQUIRED, names)[0].cells["部门"] == "公安局"


def test_a_cell_that_says_nothing_sure_is_a_fault_of_its_row() -> None:
    formula, error, number, unseen = lines(
        ("=B9", "公安局", DAY),
        ("#REF!", "公安局", DAY),
        (119900001000000199, "公安局", DAY),
        ("车\u200b辆", "公安局", DAY),
    )
    assert "公式" in formula.wrong[0]
    assert "#REF!" in error.wrong[0]
    assert "丢失" in number.wrong[0]
    assert (unseen.cells["名称"], unseen.wrong) == ("车辆", [])
    shifted = "名称,部门,期限\n车辆,公安局,2027-03-01\n车辆,登记,公安局,2027-03-01\n".encode("gb18030")
    found = read(shifted, "清单.csv", COLUMNS, REQUIRED)
    assert (found[0].wrong, "错位" in found[1].wrong[0]) == ([], True)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_taken() -> None:
    taken: list[str] = []

    def take(rows: Sequence[Line]) -> None:
        rows[0].day("期限")
        if rows[0].cells["部门"] == "无":
            raise DirectoryError("ORGANISATION_UNKNOWN", org_code="无")
        taken.append(rows[0].cells["名称"])

    rows = lines(GOOD, ("甲", "公安局", "尽快"), ("乙", "无", DAY), ("=1", "公安局", DAY), GOOD)
    with pytest.raises(DirectoryError) as found:
        take_each(([line] for line in rows), take, frozenset({"ORGANISATION_UNKNOWN"}))
    findings = found.value.values["findings"]
    assert isinstance(findings, list)
    assert [each["row"] for each in findings] == [3, 4, 5]
    assert "另有 2 处" in found.value.zh
    with pytest.raises(DirectoryError, match="ORGANISATION_UNKNOWN"):
        take_each([[rows[2]]], take)
    assert take_each([[rows[0]]], lambda own: own[0].cells["名称"]) == ["车辆"]


_TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and text not in {"#N/A"}
)


@given(st.lists(st.tuples(_TEXTS, _TEXTS, st.dates(date(1950, 1, 1), date(2099, 1, 1))), max_size=6))
def test_what_is_written_is_read_back(rows: list[tuple[str, str, date]]) -> None:
    kept = [(f"数据{name}", org, day) for name, org, day in rows]
    found = read(write("清单", COLUMNS, kept), "清单.xlsx", COLUMNS, REQUIRED)
    assert [(line.cells["名称"], line.cells["部门"], line.day("期限")) for line in found] == kept


def test_a_department_is_meant_by_one_word_only() -> None:
    named = [
        ("1", "示例市城市管理局", "城管局", None),
        ("2", "示例县城市管理局", "城管局", None),
        ("3", "旧局", "旧", DAY),
    ]
    departments = Departments(
        [Organisation(code=code, name=name, short_name=short, closed_on=closed) for code, name, short, closed in named]
    )
    assert departments.find("示例县城市管理局") == ("2", "")
    assert departments.find("1") == ("1", "")
    assert [
        word in departments.find(given)[1] for given, word in (("城管局", "2 个"), ("旧局", "撤并"), ("无", "没有"))
    ] == [
        True,
        True,
        True,
    ]
    assert departments.find("")[0] == ""
