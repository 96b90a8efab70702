"""File and folder mounts: only below the folder that the node serves, through no symbolic link, reading little."""

import csv
import io
import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.probe.seen import Seen
from exchange.served import opened
from metadata.errors import MetadataError
from metadata.formats import spreadsheet
from metadata.resource import Item, Mount

_ENCODINGS = ("utf-8-sig", "gb18030")


def look(served: str, mount: Mount, items: tuple[Item, ...]) -> Seen:
    """Raises ``SERVED_FOLDER_MISSING``, ``PATH_OUTSIDE``, ``MOUNT_GONE``, ``MOUNT_UNREADABLE``."""
    with opened(served, mount.path) as descriptor:
        found = os.fstat(descriptor)
        if mount.kind == "folder":
            if not stat.S_ISDIR(found.st_mode):
                raise ExchangeError(
                    "MOUNT_UNREADABLE", place=mount.path, reason="不是文件夹", reason_en="it is no folder"
                )
            return _folder(descriptor, found.st_mtime)
        if not stat.S_ISREG(found.st_mode):
            raise ExchangeError(
                "MOUNT_UNREADABLE", place=mount.path, reason="不是普通文件", reason_en="it is no regular file"
            )
        return Seen(
            columns=_columns(descriptor, mount.path, found.st_size, items),
            size_bytes=found.st_size,
            last_changed_at=datetime.fromtimestamp(found.st_mtime, UTC),
            changed_by="file_time",
        )


def _folder(descriptor: int, changed: float) -> Seen:
    """Size and newest time of the files right in the folder; what is too many to list is not summed."""
    size, newest, count = 0, changed, 0
    with os.scandir(descriptor) as entries:
        for entry in entries:
            count += 1
            if count > LIMITS.probe_entries:
                return Seen(last_changed_at=datetime.fromtimestamp(newest, UTC), changed_by="file_time")
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                size += found.st_size
                newest = max(newest, found.st_mtime)
    return Seen(size_bytes=size, last_changed_at=datetime.fromtimestamp(newest, UTC), changed_by="file_time")


def _columns(descriptor: int, path: str, size: int, items: tuple[Item, ...]) -> Mapping[str, str] | None:
    """The header of a csv or xlsx; a header that is an item's Chinese name counts as its field. None: no header."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".csv":
        header = _csv_header(os.read(descriptor, LIMITS.probe_head_bytes))
    elif suffix == ".xlsx" and size <= LIMITS.probe_workbook_bytes:
        header = _xlsx_header(_whole(descriptor, size), path)
    else:
        return None
    fields = {item.name: item.field for item in items}
    return {fields.get(name, name)[:200]: "" for name in header if name}


def _whole(descriptor: int, size: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read(size)


def _csv_header(head: bytes) -> list[str]:
    for encoding in _ENCODINGS:
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # not merely cut in the middle of a character
                continue
            text = head[: error.start].decode(encoding)
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in text.splitlines()[0] else ",")
            return [cell.strip() for cell in next((row for row in rows if any(row)), [])]
        except (csv.Error, IndexError):
            return []
    return []


def _xlsx_header(data: bytes, path: str) -> list[str]:
    try:
        sheets = spreadsheet.read(data, PurePosixPath(path).name)
    except MetadataError as error:
        raise ExchangeError("MOUNT_UNREADABLE", place=path, reason=error.code) from None
    rows = (row for sheet in sheets for row in sheet.rows)
    return [str(cell).strip() for cell in next(rows).cells if cell is not None]
