"""Carry an import out, all of it or only what is good, in the caller's transaction; and the short way, in one call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.imports.broken import CODE, broken_cells, lost_rows, problem_of_cells, refused_entry
from directory.imports.check import incoming_of, problems
from directory.imports.comparison import org_codes
from directory.imports.entries import add_outcomes, change_entries, outcome_columns
from directory.imports.models import Import, ImportCell, ImportEntry, ImportFile
from directory.imports.queries import clean_up, find_import, require_open
from directory.imports.refusal import refusal_of_cells
from directory.imports.upload import file_title, refuse_large
from directory.policy import allows
from directory.resources.classes import ClassCodes
from directory.resources.importing import ImportReport, Outcome, import_records
from directory.resources.reading import Incoming, Incomings
from directory.resources.standing import Standing, keyed, standings
from directory.scanning import require_clean
from standards.crypto import digest_hex

_TOLD: Final = 50
"""Cells that a refusal names; the others are listed where the import is."""
_IS_KNOWN: Final = ImportEntry.resource_id.is_not(None)


def choose_updates(
    session: Session, actor: Actor, import_id: UUID, numbers: Sequence[int], of: Sequence[int]
) -> Import:
    """Of the entries ``of`` (all that differ, where it is empty), those in ``numbers`` are to get a new version.

    Raises ``IMPORT_STATE``, ``IMPORT_UNCHECKED`` and ``IMPORT_CELL_UNKNOWN`` for one that does not differ.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "选择更新", is_checked=True)
    mine = (ImportEntry.import_id == row.id) & (ImportEntry.standing == "different")
    asked = set(numbers)
    known = set(session.scalars(select(ImportEntry.number).where(mine, ImportEntry.number.in_(asked))))
    if asked - known:
        raise DirectoryError("IMPORT_CELL_UNKNOWN", number=min(asked - known))
    among = mine & ImportEntry.number.in_(set(of)) if of else mine
    session.execute(update(ImportEntry).where(among).values(is_update=ImportEntry.number.in_(asked)))
    return row


def carry_out(
    session: Session,
    actor: Actor,
    import_id: UUID,
    classes: ClassCodes,
    now: datetime,
    *,
    is_dry_run: bool = False,
    only_good: bool = False,
    without_broken: bool = False,
) -> ImportReport:
    """Register the new entries as drafts and give those chosen a new version.

    With records that cannot be taken, and unless ``only_good``, nothing is done and the report names them. With
    ``without_broken`` new entries are taken without the cells that could not be read; known ones with such a cell stay
    as they are: what they say in its place is no worse. Raises ``IMPORT_STATE``, ``IMPORT_UNCHECKED`` and what
    ``import_records`` raises.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    require_open(row, "导入", is_checked=True)
    incoming, numbers = incoming_of(session, row)
    number_of = dict(zip(keyed(incoming), numbers, strict=True))
    broken = problems(session, row)
    if not only_good and not is_dry_run:
        _refuse_broken(session, row, broken, without_broken=without_broken)
    chosen = set(
        session.scalars(select(ImportEntry.number).where(ImportEntry.import_id == row.id, ImportEntry.is_update))
    )
    updates = {key for key, number in number_of.items() if number in chosen and number not in broken}
    broken = {} if without_broken else broken
    skipped = {key for key, number in number_of.items() if number in broken}
    if not is_dry_run and len(skipped) == len(number_of):
        raise DirectoryError("IMPORT_EMPTY", rows=incoming.rows)
    report = import_records(
        session,
        actor,
        incoming,
        classes,
        now,
        is_dry_run=is_dry_run,
        only_good=only_good,
        updates=updates,
        skipped=skipped,
    )
    places = {number: place for place, number in enumerate(numbers, start=1)}
    known = set(session.scalars(select(ImportEntry.number).where(ImportEntry.import_id == row.id, _IS_KNOWN)))
    report.refused += [
        refused_entry(incoming, places[number], problem, is_known=number in known) for number, problem in broken.items()
    ]
    if is_dry_run or (report.refused and not only_good):
        return report
    left_out = (ImportEntry.import_id == row.id) & ImportEntry.number.in_(broken)
    session.execute(update(ImportEntry).where(left_out).values(outcome="refused"))
    change_entries(session, row, [(number_of[each.key], outcome_columns(each)) for each in report.outcomes])
    _finish(session, actor, row, now)
    return report


def _refuse_broken(
    session: Session, row: Import, entries: Mapping[int, Mapping[str, Any]], *, without_broken: bool
) -> None:
    """All means all: a cell that could not be taken is mended first, or its row left out on purpose.

    ``entries`` are those with such cells, taken ``without_broken``; a row that made no entry is still in the way.
    """
    broken = (ImportCell.import_id == row.id) & (ImportCell.severity == "error")
    count = session.scalar(select(func.count()).select_from(ImportCell).where(broken)) or 0
    of_entries = sum(each.get("cells", 0) for each in entries.values())
    if count > (of_entries if without_broken else 0):
        first = session.scalars(select(ImportCell).where(broken).order_by(ImportCell.number).limit(_TOLD)).all()
        others = (ImportEntry.import_id == row.id) & ImportEntry.problem["code"].astext.is_distinct_from(CODE)
        counted = select(ImportEntry.standing, func.count()).where(others).group_by(ImportEntry.standing)
        standing = dict(session.execute(counted).all())
        refused = standing.pop("refused", 0) + (count > of_entries)
        mine = (ImportEntry.import_id == row.id) & ImportEntry.number.in_(entries)
        known = session.scalar(select(func.count()).select_from(ImportEntry).where(mine, _IS_KNOWN)) or 0
        good = sum(standing.values())
        raise refusal_of_cells(first, count, good=good, broken=len(entries), others=refused, known=known)


def _known_to(
    session: Session, actor: Actor, incoming: Incomings, entries: Mapping[str, Incoming]
) -> Mapping[str, Standing]:
    """Those the directory has already; of departments that are not theirs to import for nothing is said."""
    codes = org_codes(session, incoming)
    own = {name for name, code in codes.items() if allows(actor, Action.RESOURCE_REGISTER, code)}
    return standings(session, {key: each for key, each in entries.items() if each.record.provider.name in own}, codes)


def import_at_once(
    session: Session,
    actor: Actor,
    data: bytes,
    name: str,
    incoming: Incomings,
    classes: ClassCodes,
    now: datetime,
    *,
    is_dry_run: bool,
    only_good: bool = False,
    without_broken: bool = False,
) -> tuple[ImportReport, Import | None]:
    """Import what was read in one go, without looking first; what was written can be undone like any other import.

    An entry with a cell that could not be taken is refused, as step by step, unless ``without_broken``. The import is
    kept only where it changed something. Raises as ``import_records`` does, ``FILE_TOO_LARGE``, ``FILE_INFECTED`` and
    ``SCANNER_AWAY``.
    """
    refuse_large(data, name)
    if not is_dry_run:
        require_clean(session, data)
    broken = {} if without_broken else broken_cells(incoming)
    entries = keyed(incoming)
    keys = list(entries)
    skipped = [keys[number - 1] for number in broken]
    known = _known_to(session, actor, incoming, {key: entries[key] for key in skipped}) if broken else {}
    left_out = [
        refused_entry(incoming, number, problem_of_cells(cells), is_known=keys[number - 1] in known)
        for number, cells in broken.items()
    ]
    lost = [*left_out, *lost_rows(incoming)]
    is_trial = is_dry_run or bool(lost and not only_good)
    report = import_records(
        session, actor, incoming, classes, now, is_dry_run=is_trial, only_good=only_good, skipped=set(skipped)
    )
    report.is_dry_run = is_dry_run
    report.refused += lost
    report.outcomes += [Outcome(key, "refused", refused=each) for key, each in zip(skipped, left_out, strict=True)]
    if not report.is_done or (report.refused and not only_good):
        return report, None
    clean_up(session, now)
    row = Import(
        org_code=actor.org_code or None,
        file_name=file_title(name),
        file_bytes=len(data),
        sha256=digest_hex(data),
        source=incoming.source,
        uploaded_by=actor.account_id,
        uploaded_at=now,
        state="uploaded",
        stage="",
        revision=0,
        row_count=incoming.rows,
        checked_at=now,
    )
    session.add(row)
    session.flush()
    session.add(ImportFile(import_id=row.id, revision=0, data=data, made_by=actor.account_id, made_at=now))
    numbers = {key: number for number, key in enumerate(keys, start=1)}
    outcomes = {numbers[each.key]: each for each in report.outcomes}
    add_outcomes(session, row, incoming.records, outcomes)
    _finish(session, actor, row, now)
    return report, row


def _finish(session: Session, actor: Actor, row: Import, now: datetime) -> None:
    row.state, row.stage, row.ended_by, row.ended_at = "carried_out", "", actor.account_id, now
    session.flush()
    counted = select(ImportEntry.outcome, func.count()).where(ImportEntry.import_id == row.id)
    counts = dict(session.execute(counted.group_by(ImportEntry.outcome)).all())
    record_audit(session, actor, "import:run", str(row.id), at=now, details={**counts})
