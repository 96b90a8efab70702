"""Undo a whole import: drafts that nobody touched since are discarded, updates give way to what was there before."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.imports.models import STATES, Import, ImportEntry
from directory.imports.queries import find_import
from directory.limits import LIMITS
from directory.policy import Action
from directory.resources.discard import discard
from directory.resources.models import ResourceEntry, ResourceStep
from directory.resources.restore import restore
from standards.errors import ExplainedError

_WROTE = {"added": "register", "updated": "import"}


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
    written = session.scalars(
        select(ImportEntry)
        .where(ImportEntry.import_id == row.id, ImportEntry.outcome.in_(_WROTE))
        .order_by(ImportEntry.resource_id)  # one order for all, so that two never wait in a circle
    ).all()
    for each in written:
        each.reversal = _reverse(session, actor, each, row, now)
    row.state, row.undone_at = "undone", now
    session.flush()
    kept = sum(each.reversal == "kept" for each in written)
    record_audit(
        session, actor, "import:undo", str(row.id), at=now, details={"undone": len(written) - kept, "kept": kept}
    )
    return row


def _reverse(session: Session, actor: Actor, each: ImportEntry, row: Import, now: datetime) -> str:
    """What became of one entry; whatever stands against taking it back leaves it as it is."""
    entry = session.get(ResourceEntry, each.resource_id, with_for_update=True)
    if entry is None or not _is_untouched(session, entry, each):
        return "kept"
    try:
        with session.begin_nested():
            if each.outcome == "added":
                discard(session, actor, entry, f"撤回导入“{row.file_name}”", now)
                return "discarded"
            restore(session, actor, str(entry.id), each.version_before or 1, entry.current_version, now)
            return "restored"
    except ExplainedError:
        return "kept"


def _is_untouched(session: Session, entry: ResourceEntry, each: ImportEntry) -> bool:
    """Whether what the import wrote is still the last that happened to the entry."""
    if entry.status != "draft" or entry.current_version != each.version_after:
        return False
    return session.get_one(ResourceStep, (entry.id, entry.step_seq)).step == _WROTE[each.outcome]
