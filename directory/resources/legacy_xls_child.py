"""The process that reads an xls file: bytes on its standard input, lines of JSON on its standard output.

Run by path, in isolated mode, by ``legacy_xls``; imports nothing of the project. Limits come as arguments: bytes of
memory, seconds of processor time, cells of a sheet. A line is an object for a sheet, an array for a row (its number and
its cells, dates as ``{"d": "2025-08-01"}``), and a last object that says that all was written or what was wrong.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO


def main(memory_bytes: int, cpu_seconds: int, most_cells: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 — within the limits

    book = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    for index, about in enumerate(book.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        merged = [[*start, *end] for start, end in sheet.merged_cell_ranges or ()]
        _write({"sheet": about.name, "hidden": about.visible != SheetVisibleEnum.Visible, "merged": merged})
        if sheet.start is None:
            continue
        if sheet.total_height * sheet.total_width > most_cells:
            _write({"problem": "cells", "value": sheet.total_height * sheet.total_width})
            return
        for number, row in enumerate(sheet.iter_rows(), start=1):
            _write([number, [_plain(cell) for cell in row]])
    _write({"done": True})


def _plain(cell: object) -> object:
    if isinstance(cell, datetime | date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False))
    sys.stdout.write("\n")


if __name__ == "__main__":
    try:
        main(*map(int, sys.argv[1:4]))
    except (MemoryError, ImportError):  # the library is there; what it needs of memory is not
        _write({"problem": "memory"})
    except BaseException as error:  # a panic of the library is no Exception
        _write({"problem": type(error).__name__})
