"""Check a file in stages, each one bounded step that starts from the stored file: a restart in between costs a stage.

A page that shows how far it is asks for the next stage with each look; a program calls until the state is ``checked``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.imports import parsed
from directory.imports.broken import CODE, broken_cells, problem_of_cells
from directory.imports.comparison import compare
from directory.imports.entries import add_entries, change_entries
from directory.imports.knowledge import knowledge_for
from directory.imports.mapping import begin_check
from directory.imports.models import Import, ImportCell, ImportEntry
from directory.imports.queries import file_data, find_import, provider_of_import, require_open
from directory.limits import LIMITS
from directory.resources.reading import Incoming, Incomings, elements_of_source, from_sheets, read_file
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Repair
from metadata.formats.workbook import CellFinding

_LEFT_OUT: Final = "workbook.column"  # a column that is no element: said where the columns are mapped
_NEXT: Final = {"reading": "diagnosing", "diagnosing": "comparing", "comparing": ""}


def advance(session: Session, actor: Actor, import_id: UUID, now: datetime) -> Import:
    """Do the stage that is next: from the beginning where none was begun, none where the check is finished.

    Raises ``IMPORT_STATE``; ``MetadataError`` where the file cannot be read as it is mapped.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "检查")
    if row.state == "checked":
        return row
    if not row.stage:
        begin_check(session, row)
    _STAGES[row.stage](session, actor, row, now)
    row.stage = _NEXT[row.stage]
    if not row.stage:
        row.state, row.checked_at = "checked", now
        record_audit(session, actor, "import:check", str(row.id), at=now, details={"revision": row.revision})
    session.flush()
    return row


def incoming_of(session: Session, row: Import) -> tuple[Incomings, list[int]]:
    """What was read of the file, from the rows it was stored in, and each entry's number.

    Raises ``IMPORT_FILE_GONE`` once the records were removed.
    """
    query = select(ImportEntry.number, ImportEntry.place, ImportEntry.record).where(ImportEntry.import_id == row.id)
    found = session.execute(query.order_by(ImportEntry.number)).all()
    if any(each.record is None for each in found):
        raise DirectoryError("IMPORT_FILE_GONE", days=LIMITS.import_keep_days)
    records = tuple(Incoming(each.record, each.place) for each in found)
    incoming = Incomings(row.source, row.row_count, records, (), elements=elements_of(row))
    return incoming, [each.number for each in found]


def problems(session: Session, row: Import) -> dict[int, dict[str, Any]]:
    """Why entries cannot be taken because of single cells, by their numbers."""
    query = select(ImportEntry.number, ImportEntry.problem).where(
        ImportEntry.import_id == row.id, ImportEntry.problem["code"].astext == CODE
    )
    return {each.number: each.problem for each in session.execute(query)}


def elements_of(row: Import) -> frozenset[str] | None:
    """The elements that the file has columns or places for; None where its format can say everything."""
    if row.mapping is None:
        return elements_of_source(row.source)
    return frozenset(each.element for each in row.mapping.columns if each.element)


def _read(session: Session, actor: Actor, row: Import, now: datetime) -> None:
    """Every row into entries, and what is wrong with single cells."""
    data, provider = file_data(session, row, row.revision), provider_of_import(session, row)
    if row.mapping is None:
        incoming = read_file(data, row.file_name, provider)
    else:
        incoming = from_sheets(parsed.sheets(data, row.file_name), row.file_name, provider, row.mapping)
    _store_entries(session, row, incoming)
    _mark_broken(session, row, incoming)
    found = [_problem(each) for each in incoming.findings if each.rule != _LEFT_OUT]
    _store_cells(session, row, found[: LIMITS.import_cell_count])
    row.row_count = incoming.rows


def _mark_broken(session: Session, row: Import, incoming: Incomings) -> None:
    """An entry of which a cell could not be taken is not to be imported without it unnoticed."""
    values = [(number, {"problem": problem_of_cells(cells)}) for number, cells in broken_cells(incoming).items()]
    change_entries(session, row, values)


def _store_entries(session: Session, row: Import, incoming: Incomings) -> None:
    """Put the file's entries in place of those of an earlier check; which ones are to be updated is kept by name."""
    mine = ImportEntry.import_id == row.id
    chosen = select(ImportEntry.provider, ImportEntry.title).where(mine, ImportEntry.is_update)
    updates = {(provider, title) for provider, title in session.execute(chosen)}
    session.execute(delete(ImportEntry).where(mine))
    add_entries(session, row, incoming.records, updates)


def _diagnose(session: Session, actor: Actor, row: Import, now: datetime) -> None:
    """What can be repaired; a cell with a repair is not also one that a person must mend."""
    if row.mapping is None:
        return
    sheets = parsed.sheets(file_data(session, row, row.revision), row.file_name)
    found = diagnose(sheets, row.mapping, knowledge_for(session, row))[: LIMITS.import_cell_count]
    table = ImportCell.__table__
    stored = session.execute(select(table).where(table.c.import_id == row.id)).mappings()
    cells: dict[tuple[str, int, str], dict[str, Any]] = {
        (each["sheet"], each["row"], each["letters"]): {**each} for each in stored
    }
    for each in found:
        place = each.sheet, each.row, each.column
        cells[place] = _repair(each, cells.get(place, {}))
    order = {sheet.name: number for number, sheet in enumerate(sheets)}
    places = sorted(cells, key=lambda place: (order[place[0]], place[1], len(place[2]), place[2]))
    session.execute(delete(ImportCell).where(ImportCell.import_id == row.id))
    _store_cells(session, row, [cells[place] for place in places])


def _compare(session: Session, actor: Actor, row: Import, now: datetime) -> None:
    """Each entry held against the directory."""
    incoming, numbers = incoming_of(session, row)
    broken = problems(session, row)
    found = compare(session, actor, incoming, day_of(now))
    for number, line in zip(numbers, found, strict=True):
        if number in broken:
            line |= {"standing": "refused", "problem": broken[number]}
    change_entries(session, row, list(zip(numbers, found, strict=True)))


_STAGES: Final[Mapping[str, Callable[[Session, Actor, Import, datetime], None]]] = {
    "reading": _read,
    "diagnosing": _diagnose,
    "comparing": _compare,
}


def _store_cells(session: Session, row: Import, values: list[dict[str, Any]]) -> None:
    numbered = [{**each, "import_id": row.id, "number": number} for number, each in enumerate(values, start=1)]
    if numbered:
        session.execute(insert(ImportCell), numbered)


def _problem(found: CellFinding) -> dict[str, Any]:
    return {
        "fault": "",
        "rule": found.rule,
        "severity": found.severity,
        "sheet": found.sheet,
        "row": found.row,
        "letters": found.column,
        "before": found.value,
        "after": None,
        "problem": found.problem,
        "problem_en": found.problem_en,
        "remedy": found.remedy,
        "is_certain": False,
        "is_chosen": False,
    }


def _repair(found: Repair, problem: Mapping[str, Any]) -> dict[str, Any]:
    """A repair, or what a person must say; an error where the reader could not take the cell as it is."""
    return {
        "fault": found.fault,
        "rule": problem.get("rule", ""),
        "severity": problem.get("severity", "warning"),
        "sheet": found.sheet,
        "row": found.row,
        "letters": found.column,
        "before": found.before,
        "after": found.after,
        "problem": found.reason_zh,
        "problem_en": found.reason_en,
        "remedy": problem.get("remedy", ""),
        "is_certain": found.is_certain,
        "is_chosen": found.is_certain and found.after is not None,
    }
