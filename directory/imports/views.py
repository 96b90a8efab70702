"""What a program sees of an import."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from directory.imports.models import Import, ImportCell, ImportEntry
from directory.imports.queries import Page, count_cells, entry_counts, fault_groups
from directory.resources.importing import ImportReport
from metadata.formats.column_mapping import Confidence
from standards.findings import Finding


class FaultView(BaseModel):
    """One kind of repair: how many cells, how many of them certain and chosen."""

    fault: str
    cells: int
    certain: int
    chosen: int


class ImportView(BaseModel):
    """An import: what it is of, how far it has come, how many cells and entries stand how."""

    id: UUID
    file_name: str
    sha256: str
    org_code: str | None
    state: str
    stage: str
    revision: int
    rows: int
    uploaded_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None
    cells: Mapping[str, int]
    faults: list[FaultView]
    entries: Mapping[str, int]

    @classmethod
    def of(cls, session: Session, row: Import) -> "ImportView":
        groups = fault_groups(session, row)
        return cls(
            id=row.id,
            file_name=row.file_name,
            sha256=row.sha256,
            org_code=row.org_code,
            state=row.state,
            stage=row.stage,
            revision=row.revision,
            rows=row.row_count,
            uploaded_at=row.uploaded_at,
            checked_at=row.checked_at,
            ended_at=row.ended_at,
            undone_at=row.undone_at,
            cells=count_cells(session, row)._asdict(),
            faults=[FaultView(fault=g.fault, cells=g.count, certain=g.certain, chosen=g.chosen) for g in groups],
            entries=entry_counts(session, row),
        )


class ImportLine(BaseModel):
    """An import in a list."""

    id: UUID
    file_name: str
    org_code: str | None
    state: str
    rows: int
    uploaded_at: datetime

    @classmethod
    def of(cls, row: Import) -> "ImportLine":
        return cls(
            id=row.id,
            file_name=row.file_name,
            org_code=row.org_code,
            state=row.state,
            rows=row.row_count,
            uploaded_at=row.uploaded_at,
        )


class ColumnView(BaseModel):
    """One column: its header, samples, and the element it is taken for; empty where it is left out."""

    sheet: str
    index: int
    header: str
    samples: tuple[str, ...]
    element: str
    element_label: str
    confidence: Confidence


class CellView(BaseModel):
    """What was found in one cell; ``after`` is what a repair would put there, null where a person must say."""

    number: int
    fault: str
    rule: str
    severity: str
    sheet: str
    row: int
    column: str
    before: str
    after: str | None
    typed: str | None
    problem: str
    remedy: str
    is_certain: bool
    is_chosen: bool

    @classmethod
    def of(cls, cell: ImportCell) -> "CellView":
        values = {name: getattr(cell, name) for name in cls.model_fields if name != "column"}
        return cls(column=cell.letters, **values)


class CellPage(BaseModel):
    """A page of cells, and how many there are in all."""

    total: int
    page: int
    cells: list[CellView]

    @classmethod
    def of(cls, found: "list[ImportCell]", page: Page) -> "CellPage":
        return cls(total=page.total, page=page.number, cells=[CellView.of(each) for each in found])


class EntryView(BaseModel):
    """One entry of the file: how it stands, what an update would change (of one page only), what was done."""

    number: int
    place: str
    title: str
    provider: str
    standing: str
    resource_id: UUID | None
    version_before: int | None
    version_after: int | None
    is_update: bool
    twins: list[dict[str, Any]]
    problem: dict[str, Any]
    outcome: str
    reversal: str
    differences: list[dict[str, str]]

    @classmethod
    def of(cls, entry: ImportEntry, differences: list[dict[str, str]]) -> "EntryView":
        values = {name: getattr(entry, name) for name in cls.model_fields if name != "differences"}
        return cls(differences=differences, **values)


class EntryPage(BaseModel):
    """A page of entries, and how many there are in all."""

    total: int
    page: int
    entries: list[EntryView]


class RefusedLine(BaseModel):
    """A record that was not taken: where it stands in the file, and why."""

    place: str
    title: str
    code: str
    zh: str
    findings: list[Finding]


class RunView(BaseModel):
    """What came of carrying an import out, or would have."""

    is_dry_run: bool
    state: str
    added: int
    updated: int
    unchanged: int
    differing: list[str]
    unassessed: list[str]
    new_organisations: list[str]
    refused: list[RefusedLine]

    @classmethod
    def of(cls, report: ImportReport, state: str) -> "RunView":
        return cls(
            is_dry_run=report.is_dry_run,
            state=state,
            added=report.added,
            updated=report.updated,
            unchanged=report.unchanged,
            differing=report.differing,
            unassessed=report.unassessed,
            new_organisations=report.new_organisations,
            refused=refused_lines(report),
        )


def refused_lines(report: ImportReport) -> list[RefusedLine]:
    """Every record that was not taken."""
    return [
        RefusedLine(place=each.place, title=each.title, code=each.code, zh=each.zh, findings=list(each.findings))
        for each in report.refused
    ]
