"""Look up imports and what was found in them. An import of another department is one that is not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.imports.models import STATES, Import, ImportCell, ImportEntry, ImportFile
from directory.limits import LIMITS
from directory.organisations.queries import organisation
from directory.policy import NOWHERE, allows, require
from metadata.resource import Party

_ENDED = ("carried_out", "undone", "discarded")
_IMPORTS_AT_ONCE = 20


class Page(NamedTuple):
    """A page of a list: how many there are in all, the page's number from 1, and how many to a page."""

    total: int
    number: int
    size: int

    @property
    def first(self) -> int:
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)


def find_import(session: Session, actor: Actor, import_id: UUID, action: Action, *, lock: bool = False) -> Import:
    """The import, if this actor may do this with it; with ``lock`` it is held until the transaction ends.

    Raises ``FORBIDDEN`` for those whose role has no part in imports, and ``IMPORT_NOT_FOUND``.
    """
    require(actor, action, None)
    query = select(Import).where(Import.id == import_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or not allows(actor, Action.IMPORT_READ, row.org_code or ""):
        raise DirectoryError("IMPORT_NOT_FOUND")
    require(actor, action, row.org_code or "")
    return row


def require_open(row: Import, what: str, *, is_checked: bool = False) -> None:
    """Raise ``IMPORT_STATE`` for an import that has ended, ``IMPORT_UNCHECKED`` where its check is to be done."""
    if row.state in _ENDED:
        raise DirectoryError("IMPORT_STATE", state=STATES[row.state], state_en=row.state, what=what)
    if is_checked and row.state != "checked":
        raise DirectoryError("IMPORT_UNCHECKED", what=what)


def list_imports(session: Session, actor: Actor, page: int) -> tuple[Sequence[Import], Page]:
    """The imports this actor sees, newest first."""
    require(actor, Action.IMPORT_READ, None)
    condition = _visible(actor)
    total = session.scalar(select(func.count()).select_from(Import).where(condition)) or 0
    size = LIMITS.page_count
    found = select(Import).where(condition).order_by(Import.uploaded_at.desc()).limit(size).offset((page - 1) * size)
    return session.scalars(found).all(), Page(total, page, size)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return true() if allows(actor, Action.IMPORT_READ, NOWHERE) else Import.org_code == actor.org_code


def provider_of_import(session: Session, row: Import) -> Party | None:
    """The department that stands in where the file names none."""
    if row.provider_code is None:
        return None
    own = organisation(session, row.provider_code)
    return Party(name=own.name, code=own.real_code)


def file_data(session: Session, row: Import, revision: int) -> bytes:
    """The file as it came (0) or after a round of repairs; raises ``IMPORT_FILE_GONE``."""
    data = session.scalar(
        select(ImportFile.data).where(ImportFile.import_id == row.id, ImportFile.revision == revision)
    )
    if data is None:
        raise DirectoryError("IMPORT_FILE_GONE", days=LIMITS.import_keep_days)
    return data


def revisions(session: Session, row: Import) -> Sequence[tuple[int, int, datetime, UUID]]:
    """The rounds of repairs: revision, how many cells it changed, when, by whom."""
    columns = ImportFile.revision, ImportFile.change_count, ImportFile.made_at, ImportFile.made_by
    query = select(*columns).where(ImportFile.import_id == row.id, ImportFile.revision > 0)
    return [(each[0], each[1], each[2], each[3]) for each in session.execute(query.order_by(ImportFile.revision))]


class Counts(NamedTuple):
    """What the check found. ``broken`` are cells that a person must mend, ``doubtful`` those of whose value a warning
    is said; ``rows_*`` count rows of the sheets, ``repairable`` cells with a proposed repair."""

    broken: int
    doubtful: int
    repairable: int
    rows_broken: int
    rows_repairable: int
    rows_doubtful: int


def count_cells(session: Session, row: Import) -> Counts:
    """How many cells and rows have what; a row is counted once, under the worst of it."""
    is_repairable = ImportCell.after.is_not(None)
    must = (ImportCell.after.is_(None)) & (ImportCell.severity == "error")
    by_row = (
        select(
            func.count().filter(must).label("broken"),
            func.count().filter(is_repairable).label("repairable"),
            func.count().filter(ImportCell.after.is_(None) & (ImportCell.severity == "warning")).label("doubtful"),
        )
        .where(ImportCell.import_id == row.id)
        .group_by(ImportCell.sheet, ImportCell.row)
        .subquery()
    )
    found = session.execute(
        select(
            func.coalesce(func.sum(by_row.c.broken), 0),
            func.coalesce(func.sum(by_row.c.doubtful), 0),
            func.coalesce(func.sum(by_row.c.repairable), 0),
            func.count().filter(by_row.c.broken > 0),
            func.count().filter((by_row.c.broken == 0) & (by_row.c.repairable > 0)),
            func.count().filter((by_row.c.broken == 0) & (by_row.c.repairable == 0)),
        )
    ).one()
    return Counts(*map(int, found))


@dataclass(frozen=True)
class FaultGroup:
    """All repairs of one kind: how many cells, how many of them certain, how many are chosen, and the first."""

    fault: str
    count: int
    certain: int
    chosen: int
    first: ImportCell


def fault_groups(session: Session, row: Import) -> list[FaultGroup]:
    """The repairs by their kind, the most frequent first."""
    groups = session.execute(
        select(
            ImportCell.fault,
            func.count(),
            func.count().filter(ImportCell.is_certain),
            func.count().filter(ImportCell.is_chosen),
            func.min(ImportCell.number),
        )
        .where(ImportCell.import_id == row.id, ImportCell.fault != "", ImportCell.after.is_not(None))
        .group_by(ImportCell.fault)
        .order_by(func.count().desc(), ImportCell.fault)
    ).all()
    firsts = {each.number: each for each in _cells_numbered(session, row, [group[4] for group in groups])}
    return [FaultGroup(group[0], group[1], group[2], group[3], firsts[group[4]]) for group in groups]


def _cells_numbered(session: Session, row: Import, numbers: Sequence[int]) -> Sequence[ImportCell]:
    return session.scalars(
        select(ImportCell).where(ImportCell.import_id == row.id, ImportCell.number.in_(numbers))
    ).all()


def cells(session: Session, row: Import, of: str, page: int, size: int) -> tuple[Sequence[ImportCell], Page]:
    """Cells in the order of the sheets: those a person must mend (``broken``), those of which a warning is said
    (``doubtful``), or the repairs of one fault; all of them for an empty ``of``."""
    condition = ImportCell.import_id == row.id
    if of == "broken":
        condition &= ImportCell.after.is_(None) & (ImportCell.severity == "error")
    elif of == "doubtful":
        condition &= ImportCell.after.is_(None) & (ImportCell.severity == "warning")
    elif of:
        condition &= (ImportCell.fault == of) & ImportCell.after.is_not(None)
    total = session.scalar(select(func.count()).select_from(ImportCell).where(condition)) or 0
    found = select(ImportCell).where(condition).order_by(ImportCell.number).limit(size).offset((page - 1) * size)
    return session.scalars(found).all(), Page(total, page, size)


def entry_counts(session: Session, row: Import) -> Mapping[str, int]:
    """How many entries stand where, are to be updated (``chosen``), have near twins, and came out how."""
    counted: dict[str, int] = {}
    for column in (ImportEntry.standing, ImportEntry.outcome, ImportEntry.reversal):
        query = select(column, func.count()).where(ImportEntry.import_id == row.id).group_by(column)
        for word, count in session.execute(query):
            key = f"reversal.{word}" if column is ImportEntry.reversal else word
            if word:
                counted[f"{column.key}.{word}"] = count
                counted.setdefault(key, count)
    extra = session.execute(
        select(
            func.count(),
            func.count().filter(ImportEntry.is_update),
            func.count().filter(func.jsonb_array_length(ImportEntry.twins) > 0),
        ).where(ImportEntry.import_id == row.id)
    ).one()
    return counted | {"all": extra[0], "chosen": extra[1], "twins": extra[2]}


def entries(session: Session, row: Import, of: str, page: int, size: int) -> tuple[Sequence[ImportEntry], Page]:
    """Entries in the order of the file: of one standing, outcome or reversal, or those with ``twins``."""
    condition = ImportEntry.import_id == row.id
    if of == "twins":
        condition &= func.jsonb_array_length(ImportEntry.twins) > 0
    elif of:
        condition &= or_(ImportEntry.standing == of, ImportEntry.outcome == of, ImportEntry.reversal == of)
    total = session.scalar(select(func.count()).select_from(ImportEntry).where(condition)) or 0
    found = select(ImportEntry).where(condition).order_by(ImportEntry.number).limit(size).offset((page - 1) * size)
    return session.scalars(found).all(), Page(total, page, size)


def clean_up(session: Session, now: datetime) -> None:
    """Remove files, cells and records of imports that ended long ago; a few at a time, whenever imports are looked at.

    What each entry was and what became of it stays.
    """
    last = now - timedelta(days=LIMITS.import_keep_days)
    old = session.scalars(
        select(ImportFile.import_id)
        .join(Import, Import.id == ImportFile.import_id)
        .where(Import.state.in_(_ENDED), Import.ended_at < last)
        .distinct()
        .limit(_IMPORTS_AT_ONCE)
    ).all()
    if not old:
        return
    session.execute(delete(ImportFile).where(ImportFile.import_id.in_(old)))
    session.execute(delete(ImportCell).where(ImportCell.import_id.in_(old)))
    session.execute(update(ImportEntry).where(ImportEntry.import_id.in_(old)).values(record=None))
