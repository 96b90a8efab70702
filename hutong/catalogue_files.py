"""Entries written to files: all in one, or one file each in a folder."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from directory.resources.exporting import ExportFormat, file_name, losses
from directory.resources.queries import SearchRow
from hutong.files import make_folder, write_bytes
from metadata.formats.rdf.describe import Publisher


@dataclass(frozen=True)
class WrittenEntries:
    """How many entries were written, and of how many the format could not hold what."""

    count: int
    not_held: Mapping[str, int] = field(default_factory=dict)


def write_entries(out: Path, form: ExportFormat, rows: Iterable[SearchRow], publisher: Publisher) -> WrittenEntries:
    """Write the entries to ``out``; without any, a file is not written.

    Raises ``FILE_UNWRITABLE``, and what the format's writer raises.
    """
    if not form.is_per_entry:
        records = [row.record for row in rows]
        if records:
            write_bytes(out, form.write(records, publisher))
        return WrittenEntries(len(records), losses(form, records))
    make_folder(out)
    count, lost = 0, Counter[str]()
    for row in rows:
        name = file_name(row.entry.identifier or str(row.entry.id), form)
        write_bytes(out / name, form.write([row.record], publisher))
        lost.update(losses(form, [row.record]))
        count += 1
    return WrittenEntries(count, dict(lost.most_common()))
