"""Who may read a request's brief."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import is_not_of
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.policy import NOWHERE, allows, capacities, require


def visible_brief(actor: Actor) -> ColumnElement[bool]:
    """Those who decide: the provider's side on what was submitted to it, the office on whatever was. Never who asks."""
    found: list[ColumnElement[bool]] = []
    for acting in capacities(actor):
        if allows(acting, Action.REQUEST_BRIEF, NOWHERE):
            found.append(is_not_of(acting))
        if allows(acting, Action.REQUEST_BRIEF, acting.org_code):
            found.append(RequestRow.provider_org == acting.org_code)
    return and_(RequestRow.first_submitted_at.is_not(None), or_(false(), *found))


def may_read_brief(session: Session, actor: Actor, request_id: UUID) -> bool:
    """Whether a link to the brief would lead anywhere for this actor."""
    return session.scalar(select(RequestRow.id).where(RequestRow.id == request_id, visible_brief(actor))) is not None


def briefed(session: Session, actor: Actor, request_id: UUID) -> RequestRow:
    """The request whose brief this is; raises ``FORBIDDEN`` for who decides on nothing, ``REQUEST_NOT_FOUND``."""
    require(actor, Action.REQUEST_BRIEF, None)
    row = session.scalars(select(RequestRow).where(RequestRow.id == request_id, visible_brief(actor))).one_or_none()
    if row is None:
        raise DirectoryError("REQUEST_NOT_FOUND", request_id=request_id)
    return row
