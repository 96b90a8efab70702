"""Rows and sheets gathered into entries: items go to the entry they name, and to no other."""

import io
from typing import Any

import openpyxl
import pytest

from metadata.errors import MetadataError
from metadata.formats.workbook import drafts
from metadata.resource import Party

_ENTRIES = [["信息资源名称", "信息资源提供方"], ["甲", "民政局"], ["乙", "民政局"]]
_ITEMS = [["信息资源名称", "信息项名称", "数据类型"], ["乙", "姓名", "C"], ["甲", "住址", "C"]]


@pytest.mark.parametrize("provider", [None, Party(name="民政局", code="")])
def test_the_sheet_of_items_may_stand_first_and_makes_no_entries_of_its_own(provider: Party | None) -> None:
    found = drafts(_sheets(信息项=[*_ITEMS, ["丙", "无主", "C"]], 目录=_ENTRIES), "表.xlsx", provider)
    assert [(each.resource.title, [item.name for item in each.resource.items]) for each in found.drafts] == [
        ("甲", ["住址"]),
        ("乙", ["姓名"]),
    ]
    assert [(each.row, each.column, each.rule) for each in found.findings] == [(4, "A", "workbook.unknown_title")]
    assert "“丙”" in found.findings[0].problem


def test_a_sheet_of_items_alone_makes_its_entries() -> None:
    found = drafts(_sheets(信息项=_ITEMS), "表.xlsx", Party(name="民政局", code=""))
    assert [each.resource.title for each in found.drafts] == ["乙", "甲"]


@pytest.mark.parametrize("title", ["#REF!", None])
def test_items_below_a_row_that_is_no_entry_are_not_the_items_of_the_entry_above(title: str | None) -> None:
    head = ["信息资源名称", "信息资源提供方", "信息项名称", "数据类型"]
    rows = [head, ["甲", "民政局", "姓名", "C"], [title, "民政局", "车牌", "C"], [None, None, "车型", "C"]]
    found = drafts(_sheets(目录=rows), "表.xlsx")
    assert [item.name for item in found.drafts[0].resource.items] == ["姓名"]
    assert [each.row for each in found.findings if each.severity == "error"] == [3, 4]


def test_what_cannot_be_matched_is_said_with_the_headers_that_were_read() -> None:
    with pytest.raises(MetadataError) as caught:
        drafts("科目,数额,备考\n甲,1,2\n".encode(), "表.csv")
    assert caught.value.zh.endswith("读到的表头：科目、数额、备考")
    with pytest.raises(MetadataError) as caught:
        drafts(b"1,2\n3,4\n", "表.csv")
    assert caught.value.zh.endswith("读到的表头：无")


def _sheets(**sheets: list[list[Any]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(stream)
    return stream.getvalue()
