"""Rows below a table that are no entries are said to be notes; rows that are only numbered are nothing."""

import io

import openpyxl
import pytest

from metadata.formats.column_mapping import propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Known
from metadata.formats.sheet import Row
from metadata.formats.spreadsheet import read
from metadata.formats.workbook import WorkbookDrafts, drafts_of
from metadata.formats.workbook_notes import note_rows

HEADER = ["序号", "信息资源名称", "信息资源提供方", "信息资源摘要", "更新周期"]
ENTRY = [1, "婚姻登记信息", "民政局", "登记对象和办理结果", "每日"]


def _workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, ENTRY, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _drafts(*rows: list[object]) -> WorkbookDrafts:
    return drafts_of(read(_workbook(*rows), "表.xlsx"), "表.xlsx")


def test_what_stands_below_the_table_is_no_entry_and_gets_no_repair() -> None:
    below: list[list[object]] = [
        [None, "填表说明：", None, None, None],
        [None, "1. 名称应简明。", None, None, None],
        [None, "审核人：李四", None, None, "填表日期：2024年5月1日"],
    ]
    found = _drafts(*below)
    assert [draft.resource.title for draft in found.drafts] == ["婚姻登记信息"]
    said = [(each.row, each.rule, each.severity) for each in found.findings if each.rule != "workbook.column"]
    assert said == [(number, "workbook.note", "warning") for number in (3, 4, 5)]
    sheets = read(_workbook(*below), "表.xlsx")
    assert not [each for each in diagnose(sheets, propose(sheets), Known()) if each.row > 2]


def test_rows_that_are_only_numbered_are_nothing() -> None:
    found = _drafts([2], [3])
    assert len(found.drafts) == 1
    assert {each.rule for each in found.findings} == {"workbook.column"}


def test_a_name_too_long_is_not_also_said_to_be_missing() -> None:
    found = _drafts([2, "长" * 600, "民政局", "内容", "每日"])
    assert [each.rule for each in found.findings if each.severity == "error"] == ["workbook.length"]


@pytest.mark.parametrize("title", ["说明书备案信息", "审核人员名册", "备注信息", "合计生育率", "单位负责人信息"])
def test_a_title_that_begins_like_a_note_is_a_title(title: str) -> None:
    assert not note_rows([Row(2, (title,), 1)], {0: "title"})


@pytest.mark.parametrize("name", ["合计", "小计", "编制说明"])
def test_an_item_that_is_called_like_a_sum_or_a_note_is_an_item(name: str) -> None:
    book = openpyxl.Workbook()
    book.active.append([*HEADER, "信息项名称", "数据类型"])
    book.active.append([*ENTRY, "年份", "数值型"])
    book.active.append([None] * 5 + [name, "数值型"])
    book.active.append([None] * 5 + [name + "增长"])
    stream = io.BytesIO()
    book.save(stream)
    (draft,) = drafts_of(read(stream.getvalue(), "表.xlsx"), "表.xlsx").drafts
    assert [item.name for item in draft.resource.items] == ["年份", name, name + "增长"]


@pytest.mark.parametrize(
    "row",
    [
        ["必填", "必填", "必填", "选填", "选填"],
        [None, "（必填）", "必填*", None, "可选"],
        ["示例", "法人信息", "市场局", "登记", "每日"],
        ["例", "法人信息", "市场局", "登记", "每日"],
        [None, "示例：法人信息", "市场局", "登记", "每日"],
    ],
)
def test_what_must_be_filled_in_and_an_example_are_no_entries(row: list[object]) -> None:
    book = openpyxl.Workbook()
    for each in (HEADER, row, ENTRY):
        book.active.append(each)
    stream = io.BytesIO()
    book.save(stream)
    found = drafts_of(read(stream.getvalue(), "表.xlsx"), "表.xlsx")
    assert [draft.resource.title for draft in found.drafts] == ["婚姻登记信息"]
    assert (2, "workbook.note") in [(each.row, each.rule) for each in found.findings]


def test_an_entry_that_begins_like_an_example_is_one() -> None:
    assert [each.resource.title for each in _drafts([2, "示例市地名", "民政局", "地名", "每年"]).drafts] == [
        "婚姻登记信息",
        "示例市地名",
    ]
