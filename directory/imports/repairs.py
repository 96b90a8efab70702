"""Repairs and words of a person's own put into the file: a new revision of it, the first one kept, checked anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.imports import parsed
from directory.imports.mapping import begin_check
from directory.imports.models import Import, ImportCell, ImportFile
from directory.imports.queries import file_data, find_import, require_open
from metadata.formats.doctor.fault import Repair
from metadata.formats.doctor.mark import mark
from metadata.formats.doctor.repair import repair
from metadata.formats.sheet import Sheet
from metadata.formats.workbook import CellFinding, column_letters
from metadata.formats.workbook_cells import to_text

Form = Literal["original", "repaired", "marked"]


@dataclass(frozen=True)
class CellChoice:
    """What a person says of one cell: whether its repair is to be made, and their own words in its place, if any."""

    number: int
    is_chosen: bool
    typed: str | None = None


def choose_cells(session: Session, actor: Actor, import_id: UUID, choices: Sequence[CellChoice]) -> Import:
    """Keep what was ticked and typed, without applying it. Raises ``IMPORT_CELL_UNKNOWN`` and as ``apply`` does."""
    row = _open(session, actor, import_id)
    numbers = {choice.number for choice in choices}
    mine = ImportCell.import_id == row.id
    known = set(session.scalars(select(ImportCell.number).where(mine, ImportCell.number.in_(numbers))))
    if numbers - known:
        raise DirectoryError("IMPORT_CELL_UNKNOWN", number=min(numbers - known))
    values = [
        {"import_id": row.id, "number": each.number, "is_chosen": each.is_chosen, "typed": each.typed}
        for each in choices
    ]
    if values:
        session.execute(update(ImportCell), values)
    return row


def apply(session: Session, actor: Actor, import_id: UUID, faults: Sequence[str], now: datetime) -> Import:
    """Make the chosen repairs of these faults (all of a fault of which none was chosen singly), and put in whatever
    somebody typed for a cell; the check begins anew on the new revision.

    Raises ``IMPORT_STATE``, ``IMPORT_UNCHECKED``, ``IMPORT_NO_COLUMNS``, ``IMPORT_NOTHING_CHOSEN`` and what
    ``doctor.repair`` raises.
    """
    row = _open(session, actor, import_id)
    cells = _chosen(session, row, faults)
    if not cells:
        raise DirectoryError("IMPORT_NOTHING_CHOSEN")
    data = file_data(session, row, row.revision)
    sheets = parsed.sheets(data, row.file_name)
    texts = _texts(sheets)
    repairs = [_repair(each, texts) for each in cells]
    repaired = repair(data, row.file_name, repairs, sheets)
    row.revision += 1
    made = {"change_count": len(repairs), "made_by": actor.account_id, "made_at": now}
    session.add(ImportFile(import_id=row.id, revision=row.revision, data=repaired, **made))
    record_audit(
        session,
        actor,
        "import:repair",
        str(row.id),
        at=now,
        details={"revision": row.revision, "cells": len(repairs)},
    )
    begin_check(session, row)
    return row


def workbook(session: Session, actor: Actor, import_id: UUID, form: Form) -> tuple[bytes, str]:
    """The file and its name: as it came, as repaired so far, or with what was found marked in its cells.

    Raises ``IMPORT_FILE_GONE`` and, for a marked copy of what is no workbook, ``IMPORT_NO_COLUMNS``.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_READ)
    data = file_data(session, row, 0 if form == "original" else row.revision)
    name = PurePath(row.file_name)
    if form == "original":
        return data, row.file_name
    if form == "repaired":
        return data, f"{name.stem}-已修复{_suffix(data, name.suffix)}"
    if row.mapping is None:
        raise DirectoryError("IMPORT_NO_COLUMNS")
    cells = session.scalars(select(ImportCell).where(ImportCell.import_id == row.id).order_by(ImportCell.number)).all()
    sheets = parsed.sheets(data, row.file_name)
    texts = _texts(sheets)
    findings = [_finding(each) for each in cells if not each.fault]
    repairs = [_repair(each, texts) for each in cells if each.fault]
    return mark(data, row.file_name, findings, repairs, sheets), f"{name.stem}-已标注.xlsx"


def _open(session: Session, actor: Actor, import_id: UUID) -> Import:
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "修复", is_checked=True)
    if row.mapping is None:
        raise DirectoryError("IMPORT_NO_COLUMNS")
    return row


def _chosen(session: Session, row: Import, faults: Sequence[str]) -> Sequence[ImportCell]:
    mine = ImportCell.import_id == row.id
    of_faults = mine & ImportCell.fault.in_(faults) & (ImportCell.fault != "") & ImportCell.after.is_not(None)
    singly = set(session.scalars(select(ImportCell.fault).where(of_faults, ImportCell.is_chosen).distinct()))
    whole = [fault for fault in faults if fault not in singly]
    wanted = (of_faults & (ImportCell.is_chosen | ImportCell.fault.in_(whole))) | (mine & ImportCell.typed.is_not(None))
    return session.scalars(select(ImportCell).where(wanted).order_by(ImportCell.number)).all()


def _texts(sheets: Sequence[Sheet]) -> Mapping[tuple[str, int, str], str]:
    """Every cell's text by its place; what is stored of a long one is only its beginning."""
    return {
        (sheet.name, row.number, column_letters(index)): to_text(cell)
        for sheet in sheets
        for row in sheet.rows
        for index, cell in enumerate(row.cells)
        if cell is not None
    }


def _repair(cell: ImportCell, texts: Mapping[tuple[str, int, str], str]) -> Repair:
    """A person's own words travel as a repair, under any heading where the doctor had none for the cell."""
    return Repair.model_validate(
        {
            "fault": cell.fault or "empty_cell",
            "sheet": cell.sheet,
            "row": cell.row,
            "column": cell.letters,
            "before": texts.get((cell.sheet, cell.row, cell.letters), ""),
            "after": cell.after if cell.typed is None else cell.typed,
            "reason_zh": cell.problem,
            "reason_en": cell.problem_en,
            "is_certain": cell.is_certain,
        }
    )


def _finding(cell: ImportCell) -> CellFinding:
    return CellFinding.model_validate(
        {
            "sheet": cell.sheet,
            "row": cell.row,
            "column": cell.letters,
            "value": cell.before,
            "rule": cell.rule,
            "severity": cell.severity,
            "problem": cell.problem,
            "problem_en": cell.problem_en,
            "remedy": cell.remedy,
        }
    )


def _suffix(data: bytes, suffix: str) -> str:
    """An older xls is handed back as xlsx."""
    return ".xlsx" if data.startswith(b"PK") else suffix
