"""Read a file of catalogue entries, whatever it is: a workbook (xlsx, xls, csv) or core-metadata XML."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from directory.resources import legacy_xls
from metadata.errors import MetadataError
from metadata.formats import core_metadata_xml, spreadsheet
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.spreadsheet import Sheet
from metadata.formats.workbook import CellFinding, WorkbookDrafts, drafts_of
from metadata.resource import Party, Resource

_WORKBOOKS = {".xlsx", ".xls", ".csv"}


@dataclass(frozen=True)
class Incoming:
    """One record and where in the file it stands, in words (``目录 第 3 行``)."""

    record: Resource
    place: str


@dataclass(frozen=True)
class Incomings:
    """What a file holds. ``source`` is its kind; ``workbook`` is kept for a marked copy.

    ``elements`` are those that a workbook has columns for; None where the format can say everything.
    """

    source: str
    rows: int
    records: tuple[Incoming, ...]
    findings: tuple[CellFinding, ...]
    workbook: WorkbookDrafts | None = None
    elements: frozenset[str] | None = None


def read_file(data: bytes, name: str, provider: Party | None = None, mapping: ColumnMapping | None = None) -> Incomings:
    """The records of a file; ``provider`` stands in where a workbook names none, ``mapping`` says what its columns are.

    Raises ``MetadataError``: ``FILE_EMPTY``, ``FORMAT_UNKNOWN``, and what the format's reader raises.
    """
    if not data:
        raise MetadataError("FILE_EMPTY", name=name)
    if PurePath(name).suffix.lower() == ".xml":
        return Incomings("xml", 1, (Incoming(core_metadata_xml.read(data), name),), ())
    return from_sheets(read_sheets(data, name), name, provider, mapping)


def read_sheets(data: bytes, name: str) -> tuple[Sheet, ...]:
    """The sheets of a workbook, an older xls also where it is called otherwise.

    Raises ``MetadataError FORMAT_UNKNOWN`` and what ``spreadsheet.read`` and ``legacy_xls.read`` raise.
    """
    if PurePath(name).suffix.lower() not in _WORKBOOKS:
        raise MetadataError("FORMAT_UNKNOWN", name=name)
    if data.startswith(spreadsheet.OLE):
        return legacy_xls.read(data, name)
    return spreadsheet.read(data, name)


def from_sheets(
    sheets: Sequence[Sheet], name: str, provider: Party | None = None, mapping: ColumnMapping | None = None
) -> Incomings:
    """The records of a workbook's sheets; arguments and errors as those of ``workbook.drafts_of``."""
    found = drafts_of(sheets, name, provider, mapping)
    records = tuple(
        Incoming(draft.resource, f"{draft.source_rows[0].sheet} 第 {draft.source_rows[0].row} 行")
        for draft in found.drafts
    )
    columns = (propose(sheets).certain() if mapping is None else mapping).columns
    elements = frozenset(each.element for each in columns if each.element)
    return Incomings("workbook", found.rows, records, found.findings, found, elements)
