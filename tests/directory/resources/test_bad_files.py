"""Whatever comes as a file is read or refused by name, within two seconds and 256 MiB, with nothing left running."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter

from tests.directory.resources.biff import XlsSheet, xls

BAD_INPUT = Path(__file__).parents[4] / "shared" / "data" / "bad_input"
SECONDS = 2.0
EXTRA_MEBIBYTES = 256

# Reads each file as the import does and says what came of it and what it cost; the peak is of this process and its own.
READER = """
import json, resource, sys, time
from directory.resources.reading import read_file
from standards.errors import ExplainedError

def peak():
    own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return (int(own) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024

for line in sys.stdin:
    path = line.rstrip("\\n")
    data = open(path, "rb").read()
    before, started = peak(), time.process_time()
    children = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    try:
        outcome = f"{len(read_file(data, path.rpartition('/')[2]).records)} records"
    except ExplainedError as error:
        outcome = error.code
        assert error.zh and error.next_step
    seconds = time.process_time() - started + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - children
    print(json.dumps({"outcome": outcome, "seconds": seconds, "mebibytes": peak() - before}), flush=True)
"""

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EMPTY_SHEET = f'<worksheet xmlns="{NAMESPACE}"><sheetData/></worksheet>'


def _package(**parts: str | bytes) -> bytes:
    """An xlsx of one sheet; ``parts`` replace or add members, ``_`` for / and the suffix .xml left out."""
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="目录" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": EMPTY_SHEET,
    }
    members |= {f"{name.replace('_', '/')}.xml": content for name, content in parts.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _sheet(rows: str, after: str = "") -> str:
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData>{after}</worksheet>'


BLANK = b" " * 60_000_000
ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>甲</t></is></c></row>'


def _merges() -> bytes:
    rows = "".join(ROW.format(number) for number in range(1, 3_001))
    merged = "".join(f'<mergeCell ref="A1:A{10_000 + number}"/>' for number in range(3_000))
    return _package(xl_worksheets_sheet1=_sheet(rows, f"<mergeCells>{merged}</mergeCells>"))


def _wide() -> bytes:
    cells = "".join(f'<c r="{get_column_letter(number)}1"><v>{number}</v></c>' for number in range(1, 5_001))
    return _package(xl_worksheets_sheet1=_sheet(f'<row r="1">{cells}</row>'))


def _nested() -> bytes:
    return _zip("a.zip", _zip("b.zip", _zip("c.csv", BLANK)))


def _older(length: int) -> bytes:
    return xls(XlsSheet("目录", [["信息资源名称", "来源部门"], ["甲", "乙局"]]))[:length]


# Files made here, and what is said of them.
MADE: dict[str, tuple[Callable[[], bytes], str]] = {
    "sheet_bomb.xlsx": (lambda: _package(xl_worksheets_sheet1=BLANK), "FILE_TOO_LARGE"),
    "cells_bomb.xlsx": (lambda: _package(xl_worksheets_sheet1=_sheet("<row>" + "<c/>" * 9_000_000)), "FILE_TOO_LARGE"),
    "strings_bomb.xlsx": (lambda: _package(xl_sharedStrings=b"<sst>" + b"<si><t/></si>" * 4_000_000), "FILE_TOO_LARGE"),
    "styles_bomb.xlsx": (lambda: _package(xl_styles=b"<styleSheet>" + b"<xf/>" * 9_000_000), "FILE_TOO_LARGE"),
    "unread_member.xlsx": (lambda: _package(xl_media_image=BLANK), "FILE_EMPTY"),
    "nested.xlsx": (_nested, "FILE_NOT_WORKBOOK"),
    "nested.zip": (_nested, "FORMAT_UNKNOWN"),
    "nested_inside.xlsx": (lambda: _package(xl_embedded=_nested()), "FILE_EMPTY"),
    "merged_bomb.xlsx": (_merges, "FILE_TOO_LARGE"),
    "wide.xlsx": (_wide, "FILE_TOO_LARGE"),
    "doctype.xlsx": (lambda: _package(xl_worksheets_sheet1="<!DOCTYPE x>" + EMPTY_SHEET), "FILE_NOT_WORKBOOK"),
    "delimiters.csv": (lambda: b"," * 19_000_000, "FILE_TOO_LARGE"),
    "lines.csv": (lambda: b"a" + b"\n" * 19_000_000 + b"b", "FILE_TOO_LARGE"),
    "long_cell.csv": (lambda: b'a,b\n"' + b"x" * 19_000_000 + b'",c', "FILE_TOO_LARGE"),
    "large.csv": (lambda: b"a,b\n" * 6_000_000, "FILE_TOO_LARGE"),
    "truncated.xls": (lambda: _older(1_500), "FILE_NOT_WORKBOOK"),
    "far.xls": (lambda: xls(XlsSheet("远", [["x"], *[[]] * 65_534, [None] * 255 + ["y"]])), "FILE_TOO_LARGE"),
    "page.xls": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "FILE_NOT_WORKBOOK"),
}
READ = {
    "enc_gb18030_rare.csv",
    "enc_gbk_lossy.csv",
    "enc_utf16le_bom.csv",
    "enc_utf8_bom.csv",
    "xlsx_valid_minimal.xlsx",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[subprocess.Popen[str]]:
    """A process that reads files one after another."""
    with subprocess.Popen(
        [sys.executable, "-c", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _read(reader: subprocess.Popen[str], path: Path) -> str:
    assert reader.stdin is not None
    assert reader.stdout is not None
    print(path, file=reader.stdin, flush=True)
    told = json.loads(reader.stdout.readline())
    assert told["seconds"] <= SECONDS, f"{path.name} took {told['seconds']:.1f} s"
    assert told["mebibytes"] <= EXTRA_MEBIBYTES, f"{path.name} took {told['mebibytes']:.0f} MiB"
    return str(told["outcome"])


@pytest.mark.skipif(not BAD_INPUT.exists(), reason=f"{BAD_INPUT} is not here")
@pytest.mark.parametrize("name", sorted(path.name for path in BAD_INPUT.glob("*")))
def test_every_bad_file_has_an_outcome(reader: subprocess.Popen[str], name: str) -> None:
    outcome = _read(reader, BAD_INPUT / name)
    if name == "csv_header_only.csv":
        assert outcome == "0 records"
    else:
        assert (outcome == "1 records") == (name in READ)
        assert name in READ or outcome.split("_")[0] in {"FILE", "FORMAT", "HEADERS", "XML", "RDF"}


@pytest.mark.parametrize("name", list(MADE))
def test_what_is_made_to_cost_is_refused(reader: subprocess.Popen[str], tmp_path: Path, name: str) -> None:
    make, code = MADE[name]
    (tmp_path / name).write_bytes(make())
    assert _read(reader, tmp_path / name) == code
