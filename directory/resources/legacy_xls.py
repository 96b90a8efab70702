"""The older xls, read by calamine in a process of its own within limits of memory and time (metadata/decisions/0002).

calamine lays a sheet out whole; a few kilobytes can make it ask for gigabytes, at which it aborts its process. Here
that is the child's; the file is then refused by name like any other.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path, PurePath
from threading import Timer
from typing import IO, Any, Final, cast

from metadata.errors import MetadataError
from metadata.formats.sheet import DAMAGED, LIMITS, Cell, Gauge, Limits, Merged, Row, Sheet, filled

_CHILD: Final = Path(__file__).with_name("legacy_xls_child.py")
_LOCKED: Final = ("有密码，请去掉密码", "it is under a password")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class ChildLimits:
    """What the process may take: bytes of address space, seconds of processor time, seconds in all."""

    memory_bytes: int = 256 * 1024 * 1024
    cpu_seconds: int = 2
    seconds: float = 20.0


CHILD_LIMITS: Final = ChildLimits()


def read(data: bytes, name: str, limits: Limits = LIMITS, child: ChildLimits = CHILD_LIMITS) -> tuple[Sheet, ...]:
    """The sheets of an xls file called ``name``; merged ranges filled, hidden sheets told, dates as dates.

    Raises ``MetadataError``: ``FILE_NOT_WORKBOOK``, ``FILE_TOO_LARGE``, ``FILE_EMPTY``.
    """
    if _ENCRYPTED in data:
        form = PurePath(name).suffix.lower().lstrip(".")
        raise MetadataError("FILE_NOT_WORKBOOK", name=name, format=form, reason=_LOCKED[0], reason_en=_LOCKED[1])
    gauge = Gauge(name, limits)
    gauge.refuse_over("字节 bytes", len(data), limits.file_bytes)
    arguments = (child.memory_bytes, child.cpu_seconds, limits.cells)
    with subprocess.Popen(
        [sys.executable, "-I", str(_CHILD), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        timer = Timer(child.seconds, process.kill)
        timer.start()
        try:
            stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            for step in (partial(stdin.write, data), stdin.close):
                with suppress(BrokenPipeError):  # it ended before it had read all: what it says counts
                    step()
            sheets = tuple(_sheets((json.loads(line) for line in stdout), name, gauge))
        except json.JSONDecodeError:  # cut off in the middle of a line
            raise _ended(name) from None
        finally:
            timer.cancel()
            process.kill()
    if not any(sheet.rows for sheet in sheets):
        raise MetadataError("FILE_EMPTY", name=name)
    return sheets


def _sheets(lines: Iterator[Any], name: str, gauge: Gauge) -> Iterator[Sheet]:
    """The sheets out of what the child says; raises unless it says that it is done."""
    about: dict[str, Any] | None = None
    rows: list[Row] = []
    for line in lines:
        if isinstance(line, list):
            row = gauge.take(line[0], [_cell(cell) for cell in line[1]])
            if row is not None:
                rows.append(row)
            continue
        if "problem" in line:
            raise _refusal(line, name, gauge)
        if about is not None:
            yield _sheet(about, rows, gauge)
        if "done" in line:
            return
        about, rows = line, []
        gauge.count_cells(len(line["merged"]) + 1)
    raise _ended(name)


def _sheet(about: dict[str, Any], rows: list[Row], gauge: Gauge) -> Sheet:
    merged = tuple(Merged(first + 1, last + 1, left, right) for first, left, last, right in about["merged"])
    return Sheet(about["sheet"], tuple(filled(rows, merged, gauge)), is_hidden=about["hidden"], merged=merged)


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        text = value["d"]
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    cell: Cell = value
    return cell


def _refusal(line: dict[str, Any], name: str, gauge: Gauge) -> MetadataError:
    if line["problem"] == "cells":
        gauge.refuse_over("单元格 cells", line["value"], gauge.limits.cells)
    if line["problem"] == "memory":
        return MetadataError("FILE_TOO_LARGE", name=name, reason="读取所需的内存", reason_en="memory")
    zh, en = _LOCKED if "Password" in str(line["problem"]) else DAMAGED
    return MetadataError("FILE_NOT_WORKBOOK", name=name, format="xls", reason=zh, reason_en=en)


def _ended(name: str) -> MetadataError:
    return MetadataError("FILE_TOO_LARGE", name=name, reason="读取所需的内存或时间", reason_en="memory or time")
