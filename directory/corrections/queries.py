"""Who sees which corrections, and what of them: the parties all of it, who is only told no words and no keys."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.corrections.models import Correction, CorrectionNotice, CorrectionReferral
from directory.corrections.states import State
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import Matter
from directory.policy import NOWHERE, allows


class Found(NamedTuple):
    """A correction's two rows."""

    matter: Matter
    correction: Correction


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which corrections: the parties, who passed one on or was told, the office."""
    seen = _seen_whole(actor)
    if not allows(actor, Action.CORRECTION_READ, actor.org_code):
        return false()
    told = exists().where(CorrectionNotice.matter_id == Matter.id, CorrectionNotice.org_code == actor.org_code)
    return and_(Matter.kind == "correction", or_(seen, told))


def sees_whole(session: Session, actor: Actor, row: Matter) -> bool:
    """Whether the words and keys of this correction are this actor's to read."""
    return bool(session.scalar(select(Matter.id).where(Matter.id == row.id, _seen_whole(actor))))


def correction(session: Session, actor: Actor, matter_id: UUID, *, lock: bool = False) -> Found:
    """One correction; ``MATTER_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = select(Matter, Correction).join(Correction).where(Matter.id == matter_id, visible(actor))
    if lock:
        query = query.with_for_update(of=Matter).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        raise DirectoryError("MATTER_NOT_FOUND", name="校核申请", matter_id=matter_id)
    return Found(found[0], found[1])


def corrections(session: Session, actor: Actor, *, resource_id: UUID | None = None) -> Sequence[Matter]:
    """The corrections this actor sees, the newest first."""
    query = select(Matter).where(visible(actor))
    if resource_id is not None:
        query = query.where(Matter.resource_id == resource_id)
    return session.scalars(query.order_by(Matter.created_at.desc(), Matter.id).limit(LIMITS.list_count)).all()


def told(session: Session, row: Matter, org_code: str | None = None) -> Sequence[CorrectionNotice]:
    """Who was told that it is put right; only one department's notices where it is given."""
    query = select(CorrectionNotice).where(CorrectionNotice.matter_id == row.id)
    if org_code is not None:
        query = query.where(CorrectionNotice.org_code == org_code)
    return session.scalars(query.order_by(CorrectionNotice.org_code, CorrectionNotice.request_id)).all()


def referrals(session: Session, row: Matter) -> Sequence[CorrectionReferral]:
    """The departments that passed it on, the first first."""
    query = select(CorrectionReferral).where(CorrectionReferral.matter_id == row.id)
    return session.scalars(query.order_by(CorrectionReferral.at)).all()


def counts(session: Session, resource_id: UUID) -> dict[str, int]:
    """How many corrections of an entry there are in each state: numbers, for whoever sees the entry."""
    query = (
        select(Matter.state, func.count().label("number"))
        .where(Matter.kind == "correction", Matter.resource_id == resource_id)
        .group_by(Matter.state)
    )
    return {row.state: row.number for row in session.execute(query)}


def untold(actor: Actor) -> ColumnElement[bool]:
    """The condition of corrections whose notice this actor's department has yet to acknowledge."""
    waiting = exists().where(
        CorrectionNotice.matter_id == Matter.id,
        CorrectionNotice.org_code == actor.org_code,
        CorrectionNotice.acknowledged_at.is_(None),
    )
    return and_(Matter.kind == "correction", Matter.state == State.TELLING.value, waiting)


def _seen_whole(actor: Actor) -> ColumnElement[bool]:
    if allows(actor, Action.CORRECTION_READ, NOWHERE):
        return true()
    if not allows(actor, Action.CORRECTION_READ, actor.org_code):
        return false()
    passed_on = exists().where(CorrectionReferral.matter_id == Matter.id, CorrectionReferral.from_org == actor.org_code)
    return or_(Matter.from_org == actor.org_code, Matter.to_org == actor.org_code, passed_on)
