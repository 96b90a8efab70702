"""A catalogue workbook read into drafts, with everything that is wrong named by its cell.

Rows of one title and provider are one entry: a row is a format of it, or an item of it. What is written once stands
for the entry; what is written differently in a later row is reported and the first kept. Openness (开放) never fills
sharing (共享). Nothing is dropped without a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from metadata.errors import MetadataError
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.spreadsheet import LIMITS, Limits, Sheet, read
from metadata.formats.workbook_elements import REQUIRED
from metadata.formats.workbook_entries import SourceRow
from metadata.formats.workbook_findings import CellFinding, column_letters
from metadata.formats.workbook_rows import RowReader, entries_first
from metadata.resource import Party, Resource
from metadata.rules import lacks
from standards.findings import Finding

__all__ = ["CellFinding", "Draft", "WorkbookDrafts", "column_letters", "drafts", "drafts_of"]


@dataclass(frozen=True)
class Draft:
    """An entry as the workbook has it, the rows it came from, and what it lacks for publication."""

    resource: Resource
    source_rows: tuple[SourceRow, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it lacks; worked out when asked for, since of ten thousand drafts it takes more room than they do."""
        return tuple(lacks(self.resource))


@dataclass(frozen=True)
class WorkbookDrafts:
    """All entries of a file in the order they first appear, the findings by cell, and the number of rows of data."""

    drafts: tuple[Draft, ...]
    findings: tuple[CellFinding, ...]
    rows: int


def drafts(
    data: bytes,
    name: str,
    provider: Party | None = None,
    limits: Limits = LIMITS,
    mapping: ColumnMapping | None = None,
) -> WorkbookDrafts:
    """Read a catalogue workbook called ``name``: ``drafts_of`` the sheets in it.

    Raises ``MetadataError``: what ``spreadsheet.read`` and ``drafts_of`` raise.
    """
    return drafts_of(read(data, name, limits), name, provider, mapping)


def drafts_of(
    sheets: Sequence[Sheet], name: str, provider: Party | None = None, mapping: ColumnMapping | None = None
) -> WorkbookDrafts:
    """The entries in sheets; ``provider`` stands in where they name none, ``mapping`` is what a person chose.

    Without a mapping only headers that are certain are taken. Raises ``MetadataError``: ``HEADERS_UNKNOWN`` and
    ``HEADERS_DOUBLED``.
    """
    proposed = propose(sheets) if mapping is None else mapping
    chosen = proposed.certain() if mapping is None else mapping
    missing = chosen.missing(REQUIRED if provider is None else ("title",))
    if missing:
        raise chosen.unmatched(name, missing)
    for headers in chosen.doubled().values():
        raise MetadataError("HEADERS_DOUBLED", name=name, headers="、".join(headers), headers_en=", ".join(headers))
    reader = RowReader(provider, chosen, proposed)
    for sheet in entries_first(sheets, chosen):
        reader.read(sheet)
    resources = reader.resources()
    found = tuple(Draft(resource, rows) for resource, rows in resources)
    return WorkbookDrafts(found, reader.findings(), reader.row_count)
