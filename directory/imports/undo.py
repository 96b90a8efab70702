"""Undo a whole import: drafts that nobody touched since are discarded, updates give way to what was there before."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.imports.entries import change_entries
from directory.imports.models import STATES, Import, ImportEntry
from directory.imports.queries import find_import
from directory.limits import LIMITS
from directory.resources.discard import discard_untouched
from directory.resources.models import ResourceEntry, ResourceStep
from directory.resources.restore import restore
from standards.errors import ExplainedError


def undo(session: Session, actor: Actor, import_id: UUID, now: datetime) -> Import:
    """Take back what the import wrote; entries that somebody has worked on since stay, and are listed as kept.

    Nothing is deleted and no number given out again. Raises ``IMPORT_STATE`` unless it was carried out, and
    ``IMPORT_UNDO_LATE``.
    """
    row = find_import(session, actor, import_id, Action.IMPORT_RUN, lock=True)
    if row.state != "carried_out" or row.ended_at is None:
        raise DirectoryError("IMPORT_STATE", state=STATES[row.state], state_en=row.state, what="撤回")
    if now - row.ended_at > timedelta(days=LIMITS.import_keep_days):
        raise DirectoryError("IMPORT_UNDO_LATE", days=LIMITS.import_keep_days)
    mine = (ImportEntry.import_id == row.id) & ImportEntry.outcome.in_(("added", "updated"))
    columns = ImportEntry.number, ImportEntry.outcome, ImportEntry.resource_id, ImportEntry.version_before
    written = session.execute(select(*columns, ImportEntry.version_after).where(mine)).all()
    added = {each.resource_id for each in written if each.outcome == "added" and each.resource_id is not None}
    gone = discard_untouched(session, actor, added, f"撤回导入“{row.file_name}”", now)
    reversals = []
    for each in sorted(written, key=lambda one: str(one.resource_id)):  # one order for all: no waiting in a circle
        if each.outcome == "added":
            reversals.append((each.number, "discarded" if each.resource_id in gone else "kept"))
        else:
            is_back = _restore(session, actor, each.resource_id, each.version_before, each.version_after, now)
            reversals.append((each.number, "restored" if is_back else "kept"))
    change_entries(session, row, [(number, {"reversal": word}) for number, word in reversals])
    kept = sum(word == "kept" for _, word in reversals)
    row.state, row.undone_at = "undone", now
    session.flush()
    record_audit(
        session, actor, "import:undo", str(row.id), at=now, details={"undone": len(written) - kept, "kept": kept}
    )
    return row


def _restore(session: Session, actor: Actor, resource_id: UUID, before: int, after: int, now: datetime) -> bool:
    """Bring back what the entry said before the update; False where somebody has worked on it, or it cannot be."""
    entry = session.get(ResourceEntry, resource_id, with_for_update=True)
    if entry is None or entry.status != "draft" or entry.current_version != after:
        return False
    if session.get_one(ResourceStep, (entry.id, entry.step_seq)).step != "import":
        return False
    try:
        with session.begin_nested():
            restore(session, actor, str(resource_id), before, after, now)
    except ExplainedError:
        return False
    return True
