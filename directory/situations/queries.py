"""Filed situations: who sees which, and how far each is. Nothing is kept that follows from what was said."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import NOWHERE, allows
from directory.situations.models import Situation, SituationStep

Status = Literal["open", "answered", "closed"]
STATUS_NAMES: Final[Mapping[str, str]] = {"open": "待部门答复", "answered": "已答复，待办结", "closed": "已办结"}
OUTCOMES: Final[Mapping[str, str]] = {"corrected": "已改正", "unfounded": "不成立", "referred": "移送有关机关处理"}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which: the department concerned, whoever's department found it, who supervises."""
    if not allows(actor, Action.SITUATION_READ, actor.org_code):
        return false()
    if allows(actor, Action.SITUATION_READ, NOWHERE):
        return Situation.id.is_not(None)
    return or_(Situation.org_code == actor.org_code, Situation.found_org == actor.org_code)


def situation_row(session: Session, actor: Actor, situation_id: UUID, *, lock: bool = False) -> Situation:
    """One of them; ``SITUATION_NOT_FOUND`` when it is not there or not for this actor to see."""
    query = select(Situation).where(Situation.id == situation_id, visible(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise DirectoryError("SITUATION_NOT_FOUND", situation_id=situation_id)
    return row


def situation_rows(
    session: Session, actor: Actor, *, is_open: bool | None = None, request_id: UUID | None = None
) -> Sequence[Situation]:
    """Those this actor sees, the newest first: open or closed, of one request, as asked."""
    query = select(Situation).where(visible(actor))
    if is_open is not None:
        closed = exists().where(SituationStep.situation_id == Situation.id, SituationStep.act == "closed")
        query = query.where(~closed if is_open else closed)
    if request_id is not None:
        query = query.where(Situation.request_id == request_id)
    return session.scalars(query.order_by(Situation.found_at.desc(), Situation.id).limit(LIMITS.list_count)).all()


def steps_of(session: Session, row: Situation) -> Sequence[SituationStep]:
    """What was said, oldest first."""
    query = select(SituationStep).where(SituationStep.situation_id == row.id)
    return session.scalars(query.order_by(SituationStep.seq)).all()


def status_of(steps: Sequence[SituationStep]) -> Status:
    """How far it is. Pure."""
    acts = {step.act for step in steps}
    return "closed" if "closed" in acts else "answered" if acts else "open"
