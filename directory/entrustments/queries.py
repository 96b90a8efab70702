"""Entrustments: who sees which, and how far each is. Nothing is kept that follows from what was said."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.entrustments.models import Entrustment, EntrustmentStep
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import NOWHERE, allows

Status = Literal["entered", "approved", "over", "refused", "ended"]
STATUS_NAMES: Final[Mapping[str, str]] = {
    "entered": "待部门负责人批准",
    "approved": "已批准",
    "over": "已到期，待结束",
    "refused": "未批准",
    "ended": "已结束",
}
ENDED: Final = frozenset({"refused", "ended"})


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which: the department's own, and all for who supervises."""
    if not allows(actor, Action.ENTRUSTMENT_READ, actor.org_code):
        return false()
    if allows(actor, Action.ENTRUSTMENT_READ, NOWHERE):
        return Entrustment.id.is_not(None)
    return Entrustment.org_code == actor.org_code


def entrustment_row(session: Session, actor: Actor, entrustment_id: UUID, *, lock: bool = False) -> Entrustment:
    """One of them; ``ENTRUSTMENT_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = select(Entrustment).where(Entrustment.id == entrustment_id, visible(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise DirectoryError("ENTRUSTMENT_NOT_FOUND", entrustment_id=entrustment_id)
    return row


def entrustment_rows(session: Session, actor: Actor, org_code: str = "") -> Sequence[Entrustment]:
    """Those this actor sees, of one department or all, the newest first."""
    query = select(Entrustment).where(visible(actor))
    if org_code:
        query = query.where(Entrustment.org_code == org_code)
    return session.scalars(query.order_by(Entrustment.entered_at.desc(), Entrustment.id).limit(LIMITS.list_count)).all()


def steps_of(session: Session, row: Entrustment) -> Sequence[EntrustmentStep]:
    """What was decided and noted, oldest first."""
    query = select(EntrustmentStep).where(EntrustmentStep.entrustment_id == row.id)
    return session.scalars(query.order_by(EntrustmentStep.seq)).all()


def status_of(acts: Collection[str], until: date, today: date) -> Status:
    """How far it is on a day; one that is over still has to be ended, with what became of the data. Pure."""
    if "ended" in acts:
        return "ended"
    if "refused" in acts:
        return "refused"
    if "approved" not in acts:
        return "entered"
    return "over" if until < today else "approved"
