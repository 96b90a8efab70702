"""Entries written to files: all in one, or one file each in a folder."""

from collections.abc import Iterable
from pathlib import Path

from directory.resources.exporting import ExportFormat, file_name
from directory.resources.queries import SearchRow
from hutong.files import make_folder, write_bytes


def write_entries(out: Path, form: ExportFormat, rows: Iterable[SearchRow]) -> int:
    """Write the entries to ``out`` and say how many; without any, a file is not written.

    Raises ``FILE_UNWRITABLE``.
    """
    if not form.is_per_entry:
        records = [row.record for row in rows]
        if records:
            write_bytes(out, form.write(records))
        return len(records)
    make_folder(out)
    count = 0
    for row in rows:
        write_bytes(out / file_name(row.entry.identifier or str(row.entry.id), form), form.write([row.record]))
        count += 1
    return count
