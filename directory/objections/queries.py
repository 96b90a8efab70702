"""Who sees which objections: the two departments and the office."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import Matter
from directory.objections.models import Objection
from directory.policy import NOWHERE, allows


class Found(NamedTuple):
    """An objection's two rows."""

    matter: Matter
    objection: Objection


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which objections."""
    if not allows(actor, Action.OBJECTION_READ, actor.org_code):
        return false()
    seen: ColumnElement[bool] = or_(Matter.from_org == actor.org_code, Matter.to_org == actor.org_code)
    if allows(actor, Action.OBJECTION_READ, NOWHERE):
        seen = true()
    return and_(Matter.kind == "objection", seen)


def objection(session: Session, actor: Actor, matter_id: UUID, *, lock: bool = False) -> Found:
    """One objection; ``MATTER_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = select(Matter, Objection).join(Objection).where(Matter.id == matter_id, visible(actor))
    if lock:
        query = query.with_for_update(of=Matter).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        raise DirectoryError("MATTER_NOT_FOUND", name="异议", matter_id=matter_id)
    return Found(found[0], found[1])


def objections(session: Session, actor: Actor) -> Sequence[Matter]:
    """The objections this actor sees, the newest first."""
    query = select(Matter).where(visible(actor)).order_by(Matter.created_at.desc(), Matter.id)
    return session.scalars(query.limit(LIMITS.list_count)).all()


def topics(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of which kind each of these objections is."""
    query = select(Objection.matter_id, Objection.topic).where(Objection.matter_id.in_(ids))
    return {row.matter_id: row.topic for row in session.execute(query)}
