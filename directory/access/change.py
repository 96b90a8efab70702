"""变更: asking that a use in force be otherwise, by a request of its own that takes its place once it binds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access.change_models import RequestChange
from directory.access.changing import IN_USE, require_different
from directory.access.drafting import create
from directory.access.issue import offered
from directory.access.models import RequestRow
from directory.access.names import STATE_NAMES
from directory.access.queries import locked
from directory.access.renewal import renewal_of
from directory.access.states import Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.policy import allows, require
from directory.resources.queries import find
from directory.typed import require_words
from metadata.access import AccessRequest


def change(
    session: Session, actor: Actor, request_id: UUID, asked: AccessRequest, reason: str, now: datetime
) -> RequestRow:
    """Draft the request that takes the place of one in use: other items, rows, frequency, purpose or term.

    The one in use goes on unchanged until the provider's node confirms the new grants. Raises as ``drafting.create``,
    ``CHANGE_STATE``, ``CHANGE_NONE``, ``COMMENT_REQUIRED``, ``RENEWAL_OPEN``, ``RESOURCE_FIXED``.
    """
    row = locked(session, actor, request_id)
    require(actor, Action.REQUEST_CREATE, row.requester_org)
    if row.state not in IN_USE:
        raise DirectoryError("CHANGE_STATE", state=STATE_NAMES[State(row.state), Stage(row.stage)])
    require_words(reason)
    already = renewal_of(session, row)
    if already is not None:
        raise DirectoryError("RENEWAL_OPEN", request_id=already)
    entry = find(session, actor, asked.resource)
    if entry.id != row.resource_id:
        raise DirectoryError("RESOURCE_FIXED", title=row.resource_title)
    require_different(session, row, asked, offered(session, entry))
    made = create(session, actor, asked, now, renews=row.id)
    session.add(RequestChange(request_id=made.id, reason=reason.strip(), created_at=now))
    session.flush()
    return made


def is_changeable(session: Session, actor: Actor, row: RequestRow) -> bool:
    """Whether this actor could ask for a change now."""
    is_allowed = allows(actor, Action.REQUEST_CREATE, row.requester_org)
    return is_allowed and row.state in IN_USE and renewal_of(session, row) is None
