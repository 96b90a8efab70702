"""Hostile and broken files are refused by name; nothing else comes out than sheets or a MetadataError."""

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.errors import MetadataError
from metadata.formats.spreadsheet import Limits, read

BAD_INPUT = Path(__file__).parents[4] / "shared" / "data" / "bad_input"
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _with_sheet(content: str) -> bytes:
    """A valid workbook whose sheet's XML is replaced."""
    source = zipfile.ZipFile(io.BytesIO(_workbook([["a"]])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == SHEET else source.read(name))
    return stream.getvalue()


def _sheet(rows: str) -> bytes:
    return _with_sheet(f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>')


def _code(data: bytes, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(MetadataError) as caught:
        read(data, name, limits or Limits())
    assert name in str(caught.value)
    return caught.value.code


def test_rows_keep_their_numbers_and_values() -> None:
    data = _workbook([["资源名称", None, " 部门\u3000"], [], ["甲", 3, 2.5, None]])
    (sheet,) = read(data, "目录.xlsx")
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ("资源名称", None, "部门")), (3, ("甲", 3, 2.5))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_csv(encoding: str) -> None:
    (sheet,) = read("名称,部门\r\n𠮷㐂,乙\n".encode(encoding), "目录.csv")
    assert [row.cells for row in sheet.rows] == [("名称", "部门"), ("𠮷㐂", "乙")]


@pytest.mark.skipif(not BAD_INPUT.exists(), reason=f"{BAD_INPUT} is not here")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty.csv", "FILE_EMPTY"),
        ("csv_5000_columns.csv", "FILE_TOO_LARGE"),
        ("csv_nul_bytes.csv", "FILE_NUL_BYTES"),
        ("csv_unclosed_quote.csv", "FILE_UNCLOSED_QUOTE"),
        ("enc_mixed_utf8_gbk_lines.csv", "FILE_ENCODING_UNKNOWN"),
        ("xlsx_is_really_text.xlsx", "FILE_NOT_WORKBOOK"),
        ("xlsx_truncated.xlsx", "FILE_NOT_WORKBOOK"),
        ("zip_path_traversal.zip", "FILE_NOT_WORKBOOK"),
        ("zip_ratio_10mb.zip", "FILE_NOT_WORKBOOK"),
        ("xml_simple.xml", "FORMAT_UNKNOWN"),
        ("blns.json", "FORMAT_UNKNOWN"),
    ],
)
def test_bad_files_are_refused_by_name(name: str, code: str) -> None:
    assert _code((BAD_INPUT / name).read_bytes(), name) == code


@pytest.mark.skipif(not BAD_INPUT.exists(), reason=f"{BAD_INPUT} is not here")
def test_mixed_newlines_are_rows() -> None:
    (sheet,) = read((BAD_INPUT / "csv_mixed_newlines.csv").read_bytes(), "混合.csv")
    assert [row.cells for row in sheet.rows] == [("a", "b"), ("1", "2"), ("3", "4"), ("5", "6")]


def test_an_older_workbook_is_said_to_be_one() -> None:
    assert _code(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧表.xls") == "FILE_NOT_WORKBOOK"


@pytest.mark.timeout(60)
def test_a_cell_far_out_costs_nothing() -> None:
    """Seven hundred bytes that made another reader allocate 52 gigabytes and abort the process."""
    far = _sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="100000"><c r="XFD100000"><v>2</v></c></row>')
    assert _code(far, "远.xlsx") == "FILE_TOO_LARGE"
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 5_000))
    assert _code(_sheet(rows), "宽.xlsx") == "FILE_EMPTY"
    below = _sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="2147483647"><c r="A2147483647"><v>2</v></c></row>')
    (sheet,) = read(below, "深.xlsx")
    assert [row.cells for row in sheet.rows] == [(1,)]


def test_a_stated_size_is_not_believed() -> None:
    (sheet,) = read(
        _with_sheet(
            f'<worksheet xmlns="{NAMESPACE}"><dimension ref="A1:XFD1048576"/>'
            '<sheetData><row r="1"><c r="B1"><v>7</v></c></row></sheetData></worksheet>'
        ),
        "表.xlsx",
    )
    assert sheet.rows[0].cells == (None, 7)


def test_what_is_packed_is_counted_as_it_comes_out() -> None:
    """A directory that claims one byte does not get a bomb past the limit."""
    data = bytearray(_sheet(" " * 3_000_000))
    size = struct.pack("<I", len(f'<worksheet xmlns="{NAMESPACE}"><sheetData></sheetData></worksheet>') + 3_000_000)
    assert data.count(size) == 2
    lying = bytes(data).replace(size, struct.pack("<I", 1))
    limits = Limits(unpacked_bytes=1_000_000)
    assert _code(bytes(data), "弹.xlsx", limits) == "FILE_TOO_LARGE"
    assert _code(lying, "弹.xlsx", limits) == "FILE_TOO_LARGE"


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + f'<worksheet xmlns="{NAMESPACE}"><sheetData/></worksheet>'
    assert _code(_with_sheet(bomb), "实体.xlsx") == "FILE_NOT_WORKBOOK"


@pytest.mark.parametrize(
    "limits", [Limits(rows=2), Limits(columns=2), Limits(cell_characters=3), Limits(file_bytes=10), Limits(cells=5)]
)
def test_limits_hold_for_both_formats(limits: Limits) -> None:
    rows: list[list[object]] = [["一", "二", "三"], ["甲乙丙丁", "", "b"], ["a", "b", "c"]]
    assert _code(_workbook(rows), "表.xlsx", limits) == "FILE_TOO_LARGE"
    text = "\n".join(",".join(map(str, row)) for row in rows)
    assert _code(text.encode(), "表.csv", limits) == "FILE_TOO_LARGE"


@given(
    st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.txt", "a"]), st.sampled_from([b"", b"PK\x03\x04"])
)
@settings(max_examples=150, deadline=None)
def test_any_bytes(data: bytes, name: str, start: bytes) -> None:
    try:
        sheets = read(start + data, name)
    except MetadataError:
        return
    assert all(row.cells for sheet in sheets for row in sheet.rows)


@given(st.integers(0, 5_000), st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_any_flipped_byte(place: int, value: int) -> None:
    data = bytearray(_workbook([["资源名称", "来源部门"], ["甲", "乙"]]))
    data[place % len(data)] = value
    with suppress(MetadataError):
        assert read(bytes(data), "表.xlsx")
