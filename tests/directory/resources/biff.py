"""Small xls files: one BIFF8 stream (MS-XLS) in a compound file (MS-CFB), texts and numbers only."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


class XlsSheet(NamedTuple):
    """Rows of cells, and merged ranges as first row, last row, first column, last column, all from 0."""

    name: str
    rows: Sequence[Sequence[str | float | None]]
    merged: Sequence[tuple[int, int, int, int]] = ()
    is_hidden: bool = False


def xls(*sheets: XlsSheet) -> bytes:
    """The bytes of a file with these sheets."""
    parts = [_worksheet(sheet) for sheet in sheets]
    offset = len(_globals(sheets, [0] * len(sheets)))
    offsets = []
    for part in parts:
        offsets.append(offset)
        offset += len(part)
    return _compound(_globals(sheets, offsets) + b"".join(parts))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _start(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _globals(sheets: Sequence[XlsSheet], offsets: Sequence[int]) -> bytes:
    style = _record(0x00E0, bytes(20))
    listed = b""
    for sheet, offset in zip(sheets, offsets, strict=True):
        name = struct.pack("<BB", len(sheet.name), 1) + sheet.name.encode("utf-16-le")
        listed += _record(0x0085, struct.pack("<IBB", offset, sheet.is_hidden, 0) + name)
    return _start(0x05) + _record(0x0042, struct.pack("<H", 1200)) + style + listed + _record(0x0A)


def _worksheet(sheet: XlsSheet) -> bytes:
    width = max((len(row) for row in sheet.rows), default=0)
    content = [_start(0x10), _record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0))]
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                content.append(_record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text))
            elif cell is not None:
                content.append(_record(0x0203, place + struct.pack("<d", cell)))
    if sheet.merged:
        ranges = b"".join(struct.pack("<HHHH", *each) for each in sheet.merged)
        content.append(_record(0x00E5, struct.pack("<H", len(sheet.merged)) + ranges))
    return b"".join([*content, _record(0x0A)])


def _compound(stream: bytes) -> bytes:
    """A file of one stream of at least 4,096 bytes, so that it stands in whole sectors."""
    count = max(-(-len(stream) // _SECTOR), 8)
    stream = stream.ljust(count * _SECTOR, b"\0")
    fat_count = 1
    while fat_count * 128 < fat_count + 1 + count:
        fat_count += 1
    fat = [_FAT] * fat_count + [_END] + [fat_count + 2 + index for index in range(count - 1)] + [_END]
    fat += [_FREE] * (fat_count * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_count, fat_count, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(fat_count), *[_FREE] * (109 - fat_count))
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, fat_count + 1, len(stream))
    return header + struct.pack(f"<{len(fat)}I", *fat) + entries.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
