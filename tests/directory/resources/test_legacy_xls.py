"""The older xls comes in like any workbook; what would cost too much is refused, and costs only a child process."""

import random
import time
from contextlib import suppress
from io import BytesIO

import openpyxl
import pytest

from directory.resources import legacy_xls
from directory.resources.legacy_xls import ChildLimits
from directory.resources.reading import read_file, read_sheets
from metadata.errors import MetadataError
from metadata.formats.sheet import Limits
from metadata.formats.workbook_report import write_report
from tests.directory.resources.biff import XlsSheet, xls

HEADER = ("信息资源名称", "信息资源提供方", "信息项名称", "数据长度")
ROWS = (HEADER, ("𠮷祥名单", "示例市民政局", "姓名", 50.0), (None, None, "住址", 200.0))
MEBIBYTE = 1024 * 1024


def _code(data: bytes, name: str = "旧表.xls", limits: Limits | None = None, child: ChildLimits | None = None) -> str:
    with pytest.raises(MetadataError) as caught:
        legacy_xls.read(data, name, limits or Limits(), child or ChildLimits())
    assert name in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("name", ["旧表.xls", "其实是旧表.xlsx"])
def test_an_older_workbook_is_read(name: str) -> None:
    data = xls(XlsSheet("目录", ROWS, merged=[(1, 2, 0, 0), (1, 2, 1, 1)]), XlsSheet("藏", [["x"]], is_hidden=True))
    first, second = read_sheets(data, name)
    assert [(row.number, row.cells) for row in first.rows][1:] == [
        (2, ("𠮷祥名单", "示例市民政局", "姓名", 50.0)),
        (3, ("𠮷祥名单", "示例市民政局", "住址", 200.0)),
    ]
    assert (first.is_hidden, second.is_hidden) == (False, True)
    (found,) = read_file(data, name).records
    assert [(item.name, item.length) for item in found.record.items] == [("姓名", 50), ("住址", 200)]


def test_rows_keep_their_numbers() -> None:
    (sheet,) = legacy_xls.read(xls(XlsSheet("目录", [[], [], [None, "甲"], [], ["乙"]])), "旧表.xls")
    assert [(row.number, row.cells) for row in sheet.rows] == [(3, (None, "甲")), (5, ("乙",))]


def test_a_cell_far_out_costs_the_child_only() -> None:
    """Five kilobytes that make calamine ask for half a gigabyte and abort."""
    far = xls(XlsSheet("远", [["x"], *[[]] * 65_534, [None] * 255 + ["y"]]))
    started = time.monotonic()
    assert _code(far) == "FILE_TOO_LARGE"
    assert time.monotonic() - started < 10


def test_a_marked_copy_of_an_older_workbook() -> None:
    """As xlsx: the values of its sheets, with what is wrong at its cells."""
    data = xls(XlsSheet("目录", [("资源名称", "来源部门", "更新周期"), ("甲", "民政局", "隔三差五")]))
    incoming = read_file(data, "旧表.xls")
    assert incoming.workbook is not None
    report = write_report("xlsx", incoming.workbook, data, "旧表.xls", sheets=read_sheets(data, "旧表.xls"))
    book = openpyxl.load_workbook(BytesIO(report))
    assert [cell.value for cell in book["目录"][2]] == ["甲", "民政局", "隔三差五"]
    assert book["目录"]["C2"].comment is not None


@pytest.mark.parametrize("length", [5, 512, 700, 1500, 4000])
def test_a_truncated_file_is_refused(length: int) -> None:
    assert _code(xls(XlsSheet("目录", ROWS))[:length]) == "FILE_NOT_WORKBOOK"


def test_limits_hold() -> None:
    data = xls(XlsSheet("目录", ROWS))
    for limits in (Limits(rows=2), Limits(columns=3), Limits(cells=5), Limits(cell_characters=3), Limits(file_bytes=9)):
        assert _code(data, limits=limits) == "FILE_TOO_LARGE"
    assert _code(data, child=ChildLimits(memory_bytes=8 * MEBIBYTE)) == "FILE_TOO_LARGE"
    assert _code(data, child=ChildLimits(seconds=0.0)) == "FILE_TOO_LARGE"


def test_a_password_is_said_to_be_one() -> None:
    locked = xls(XlsSheet("目录", ROWS)) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(MetadataError, match="password"):
        legacy_xls.read(locked, "密.xls")


def test_no_flipped_byte_brings_down_more_than_its_file() -> None:
    data = xls(XlsSheet("目录", ROWS))
    chance = random.Random(3)
    for _ in range(25):
        broken = bytearray(data)
        for _ in range(4):
            broken[chance.randrange(len(data))] = chance.randrange(256)
        with suppress(MetadataError):
            assert legacy_xls.read(bytes(broken), "坏.xls")
