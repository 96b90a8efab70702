"""Sheets out of the bytes of an xlsx or csv file, for input from anywhere.

Reading is bounded before and while it goes on; what cannot be read is refused by name.
"""

from pathlib import PurePath
from typing import Final

from metadata.errors import MetadataError
from metadata.formats.csv_sheet import read_csv
from metadata.formats.sheet import DAMAGED, LIMITS, Cell, Formula, Gauge, Limits, Merged, Row, Sheet
from metadata.formats.xlsx_sheets import read_xlsx

__all__ = ["LIMITS", "OLE", "Cell", "Formula", "Limits", "Merged", "Row", "Sheet", "read"]

OLE: Final = b"\xd0\xcf\x11\xe0"  # the older xls, and xlsx under a password
_ZIP: Final = b"PK\x03\x04"
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"  # stands first in the archive


def read(data: bytes, name: str, limits: Limits = LIMITS) -> tuple[Sheet, ...]:
    """The sheets of a file called ``name``.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FILE_TOO_LARGE``, ``FILE_NOT_WORKBOOK``, ``FILE_ENCODING_UNKNOWN``,
    ``FILE_NUL_BYTES``, ``FILE_UNCLOSED_QUOTE``, ``FORMAT_UNKNOWN``. The older xls is refused here: it is read in a
    process of its own (``directory.resources.legacy_xls``).
    """
    if not data.strip():
        raise MetadataError("FILE_EMPTY", name=name)
    gauge = Gauge(name, limits)
    gauge.refuse_over("字节 bytes", len(data), limits.file_bytes)
    suffix = PurePath(name).suffix.lower()
    if data.startswith(_ZIP):
        sheets = _read_xlsx(data, name, gauge)
    elif suffix == ".csv":
        sheets = (read_csv(data, name, gauge),)
    elif data.startswith(OLE):
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason="xls / password")
    elif suffix in {".xlsx", ".xls"}:
        zh, en = _guess(data)
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format=suffix[1:], reason=zh, reason_en=en)
    else:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    if not any(sheet.rows for sheet in sheets):
        raise MetadataError("FILE_EMPTY", name=name)
    return sheets


def _read_xlsx(data: bytes, name: str, gauge: Gauge) -> tuple[Sheet, ...]:
    try:
        return read_xlsx(data, gauge)
    except MetadataError:
        raise
    except Exception:  # whatever a broken workbook makes the libraries raise
        zh, en = ("内容是 ODS 表格", "it is an ODS sheet") if _ODS in data[:200] else DAMAGED
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format="xlsx", reason=zh, reason_en=en) from None


def _guess(data: bytes) -> tuple[str, str]:
    """What a file may be that is no workbook: systems hand on pages and texts under the name of one."""
    head = data[:1024].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table")):
        return "内容是网页 HTML", "it is a page (HTML)"
    if head.startswith(b"<?xml"):
        return "内容是 XML", "it is XML"
    return "内容不是表格（扩展名可能改过）", "it is no workbook, whatever its name says"
