"""Bring an old version back: its content becomes a new draft version, on top of all that came after it."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.policy import require
from directory.resources.edit import edit
from directory.resources.queries import current_record, find, version_record
from directory.resources.register import Saved


def restore(session: Session, actor: Actor, ref: str, version: int, expected_version: int, now: datetime) -> Saved:
    """Store the record of ``version`` as the next version, in draft; nothing is overwritten.

    Identifiers stay; so do assessments, which hold again where items and sharing are again those assessed. Raises
    ``RESOURCE_NOT_FOUND`` for a version there is not, and what ``edit`` raises.
    """
    entry = find(session, actor, ref, lock=True)
    require(actor, Action.RESOURCE_EDIT, entry.org_code)
    old, current = version_record(session, actor, entry, version), current_record(session, entry)
    kept = {
        "identifier": current.identifier,
        "code": current.code,
        "class_code": current.class_code,
        "metadata_id": current.metadata_id,
        "provider": old.provider.model_copy(update={"name": current.provider.name, "code": current.provider.code}),
        "assessments": current.assessments,
        "published_on": current.published_on,
        "updated_on": current.updated_on,  # the day of this writing, then
    }
    record = old.model_copy(update=kept)
    return edit(session, actor, ref, record, expected_version, now, comment=f"恢复第 {version} 版的内容")
