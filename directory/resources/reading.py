"""Read a file of catalogue entries, whatever it is: a workbook (xlsx, csv) or core-metadata XML."""

from dataclasses import dataclass
from pathlib import PurePath

from metadata.errors import MetadataError
from metadata.formats import core_metadata_xml
from metadata.formats.workbook import CellFinding, WorkbookDrafts, drafts
from metadata.resource import Party, Resource


@dataclass(frozen=True)
class Incoming:
    """One record and where in the file it stands, in words (``目录 第 3 行``)."""

    record: Resource
    place: str


@dataclass(frozen=True)
class Incomings:
    """What a file holds. ``source`` is its kind; ``workbook`` is kept for a marked copy."""

    source: str
    rows: int
    records: tuple[Incoming, ...]
    findings: tuple[CellFinding, ...]
    workbook: WorkbookDrafts | None = None


def read_file(data: bytes, name: str, provider: Party | None = None) -> Incomings:
    """The records of a file; ``provider`` stands in where a workbook names none.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FORMAT_UNKNOWN``, and what the format's reader raises.
    """
    if not data:
        raise MetadataError("FILE_EMPTY", name=name)
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xml":
        return Incomings("xml", 1, (Incoming(core_metadata_xml.read(data), name),), ())
    if suffix not in {".xlsx", ".csv"}:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    found = drafts(data, name, provider)
    records = tuple(
        Incoming(draft.resource, f"{draft.source_rows[0].sheet} 第 {draft.source_rows[0].row} 行")
        for draft in found.drafts
    )
    return Incomings("workbook", found.rows, records, found.findings, found)
