"""The record with which a new entry of a library begins: the office's own, else the built-in one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.libraries.names import require_library
from directory.policy import require
from directory.resources.admit import admit
from directory.resources.models import Template
from directory.resources.queries import find, shown_record
from metadata.resource import Party, Resource
from metadata.templates import as_template, starting_record


def template_of(session: Session, library: str, provider: Party) -> Resource:
    """What this department begins a new entry of this library with; its title is ``UNTITLED``, its share type unset."""
    own = session.get(Template, library)
    if own is None:
        return starting_record(library, provider)
    return own.record.model_copy(update={"provider": provider})


def put_template(session: Session, actor: Actor, library: str, record: Resource, now: datetime) -> Resource:
    """Make this record the library's template; what belongs to one entry alone is left out.

    Raises ``FORBIDDEN``, ``LIBRARY_UNKNOWN`` and ``RESOURCE_REFUSED``.
    """
    require(actor, Action.TEMPLATE_EDIT, actor.org_code)
    require_library(session, library)
    kept = as_template(record, library)
    admit(kept, day_of(now))
    session.merge(Template(library=library, record=kept, edited_by=actor.account_id, edited_at=now))
    details = {"items": len(kept.items)}
    record_audit(session, actor, "template:edit", library, at=now, details=details)
    session.flush()
    return kept


def put_template_from(session: Session, actor: Actor, library: str, ref: str, now: datetime) -> Resource:
    """Make a template of an entry, as this actor sees it; raises ``RESOURCE_NOT_FOUND`` too."""
    require(actor, Action.TEMPLATE_EDIT, actor.org_code)
    record = shown_record(session, actor, find(session, actor, ref))
    return put_template(session, actor, library, record, now)


def templates(session: Session) -> Sequence[Template]:
    """Those the office has made, by library."""
    return session.scalars(select(Template).order_by(Template.library)).all()
