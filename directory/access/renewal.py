"""续期: going on where a use ends, by a request of its own for the same entry until a later day."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.changing import change_of
from directory.access.drafting import create
from directory.access.endings import require_later
from directory.access.models import RequestRow
from directory.access.moves import Facts, Move, move
from directory.access.queries import locked, may_see_request
from directory.access.states import Act, Stage, State
from directory.access.steps import Decider, leave_step
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.policy import allows, require
from directory.resources.queries import find
from metadata.access import AccessRequest

REPLACED: Final = "由新的续期申请代替"
RENEWABLE: Final = frozenset({State.PROVISIONED, State.ACTIVE})
_OVER: Final = tuple(
    state.value
    for state in (
        State.REFUSED,
        State.SETTLED,
        State.TERMINATED,
        State.EXPIRED,
        State.PURPOSE_DONE,
        State.DISPOSED,
        State.DISCARDED,
    )
)
ABANDONED: Final = timedelta(days=14)
"""A colleague's draft that nobody touched for so long keeps nobody from renewing."""


def renew(session: Session, actor: Actor, request_id: UUID, asked: AccessRequest, now: datetime) -> RequestRow:
    """Draft the request that goes on when this one's term is over. Its route, and what has arrived, stay. A draft that
    nobody goes on with (one's own, or one let lie for ``ABANDONED``) is discarded for the new one.

    Raises as ``drafting.create``, and ``RENEWAL_STATE``, ``RENEWAL_OPEN``, ``RENEWAL_DAY``, ``RESOURCE_FIXED``.
    """
    row = locked(session, actor, request_id)
    require(actor, Action.REQUEST_CREATE, row.requester_org)
    if row.state not in RENEWABLE:
        raise DirectoryError("RENEWAL_STATE")
    already = renewal_of(session, row)
    if already is not None and not _is_replaceable(session, actor, already, now):
        raise DirectoryError("RENEWAL_OPEN", request_id=already)
    if find(session, actor, asked.resource).id != row.resource_id:
        raise DirectoryError("RESOURCE_FIXED", title=row.resource_title)
    require_later(session, row, asked)
    made = create(session, actor, asked, now, renews=row.id)
    if already is not None:
        _replace(session, actor, session.get_one(RequestRow, already), now)
    return made


def renewal_of(session: Session, row: RequestRow) -> UUID | None:
    """The request that goes on from this one, drafted or further, if it has not come to nothing."""
    query = select(RequestRow.id).where(RequestRow.renews == row.id, RequestRow.state.not_in(_OVER))
    return session.scalars(query.limit(1)).first()


def renewal_seen(session: Session, actor: Actor, row: RequestRow) -> UUID | None:
    """The same where a link to it leads this actor anywhere: a draft is for its own department to know of."""
    found = renewal_of(session, row)
    return found if found and may_see_request(session, actor, str(found)) else None


def is_renewable(session: Session, actor: Actor, row: RequestRow, now: datetime) -> bool:
    """Whether this actor could draft a renewal now."""
    is_allowed = allows(actor, Action.REQUEST_CREATE, row.requester_org)
    if not is_allowed or row.state not in RENEWABLE:
        return False
    already = renewal_of(session, row)
    return already is None or _is_replaceable(session, actor, already, now)


def _is_replaceable(session: Session, actor: Actor, request_id: UUID, now: datetime) -> bool:
    """Whether a new renewal takes this one's place: a renewal's draft of one's own (no change asked for, which is other
    work), or a draft that its author let lie.
    """
    draft = session.get_one(RequestRow, request_id)
    if draft.state != State.DRAFT:
        return False
    touched = max(step.decided_at for step in draft.steps)
    is_own = draft.created_by == actor.account_id and change_of(session, draft) is None
    return is_own or now - touched > ABANDONED


def _replace(session: Session, actor: Actor, draft: RequestRow, now: datetime) -> None:
    """The earlier draft is discarded, by who drafts the new one."""
    moved = move(State.DRAFT, Stage.NONE, Act.DISCARDED, Facts())
    if isinstance(moved, Move):
        leave_step(session, draft, Act.DISCARDED, moved, Decider.person(actor), now, comment=REPLACED)
