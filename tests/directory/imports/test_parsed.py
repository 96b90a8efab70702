"""The sheets of the file that was parsed last are kept for a while, and nothing else is."""

import io

import openpyxl

from directory.imports.parsed import Parsed
from metadata.formats.sheet import Sheet


def _workbook(title: str) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["信息资源名称", title])
    book.save(file)
    return file.getvalue()


def _cells(sheets: tuple[Sheet, ...]) -> list[object]:
    return [cell for sheet in sheets for row in sheet.rows for cell in row.cells]


def test_the_same_bytes_are_parsed_once_and_others_anew() -> None:
    parsed, first, other = Parsed(), _workbook("公路"), _workbook("桥梁")
    held = parsed.sheets(first, "a.xlsx")
    assert parsed.sheets(first, "a.xlsx") is held
    assert _cells(parsed.sheets(other, "a.xlsx")) == ["信息资源名称", "桥梁"]
    again = parsed.sheets(first, "a.xlsx")
    assert again == held
    assert again is not held


def test_it_is_let_go_when_its_time_is_over() -> None:
    parsed, data = Parsed(seconds=0.0), _workbook("公路")
    held = parsed.sheets(data, "a.xlsx")
    assert parsed.timer is not None
    parsed.timer.join()
    assert parsed.sheets(data, "a.xlsx") is not held


def test_a_large_one_is_not_kept() -> None:
    parsed, data = Parsed(cells=1), _workbook("公路")
    held = parsed.sheets(data, "a.xlsx")
    assert parsed.sheets(data, "a.xlsx") is not held
    assert parsed.timer is None
