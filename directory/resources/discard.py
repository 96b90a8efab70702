"""Discard a draft that was never published: out of sight for good, but kept, and its numbers never given out again."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.policy import Action, require
from directory.resources.models import Minted, ResourceEntry, ResourceVersion
from directory.resources.register import write_step
from directory.resources.states import STATUSES


def discard(session: Session, actor: Actor, entry: ResourceEntry, comment: str, now: datetime) -> None:
    """Take back what was registered; for who may register for this department, so for an office's import too.

    Raises ``FORBIDDEN`` and, for anything but a draft that never was published, ``STATUS_FORBIDS``.
    """
    require(actor, Action.RESOURCE_REGISTER, entry.org_code)
    if entry.status != "draft" or entry.published_version is not None:
        raise DirectoryError("STATUS_FORBIDS", status=STATUSES[entry.status], what="作废")
    author = session.get_one(ResourceVersion, (entry.id, entry.current_version)).created_by
    release(session, entry)
    write_step(session, entry, "discard", "withdrawn", author, actor.account_id, now, comment)
    record_audit(session, actor, "resource:discard", str(entry.id), at=now, details={"version": entry.current_version})


def release(session: Session, entry: ResourceEntry) -> None:
    """Let a corrected file bring the entry anew: its mark of import and numbers that others gave it are free again.

    Numbers of ours stay with the discarded entry, so nobody gets them a second time.
    """
    entry.source_key = ""
    for kind in ("identifier", "code"):
        number: str | None = getattr(entry, kind)
        if number and session.get(Minted, (kind, number.rpartition("/")[0])) is None:
            setattr(entry, kind, None)
