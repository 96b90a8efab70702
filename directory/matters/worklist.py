"""The matters that wait for one person: by each kind's table of moves, and who may make the move that is awaited.

And those they raised, and those of others in which they took a step.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from directory.actors import Actor
from directory.complaints.queries import visible as sees_complaint
from directory.corrections.queries import untold
from directory.corrections.queries import visible as sees_correction
from directory.limits import LIMITS
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter, MatterStep
from directory.matters.procedure import Move, Party, Procedure
from directory.matters.views import MatterLine, lines
from directory.objections.queries import visible as sees_objection
from directory.policy import NOWHERE, allows, capacities
from directory.statements.spelled import Planned
from directory.worklist.columns import trace


def waiting(session: Session, actor: Actor, today: date) -> Sequence[MatterLine]:
    """The matters whose next step is this actor's, those due first at the front."""
    ids = [row.id for row in _WAITING.rows(session, actor)]
    if not ids:
        return []
    rows = {row.id: row for row in session.scalars(select(Matter).where(Matter.id.in_(ids)))}
    return lines(session, [rows[each] for each in ids], today)


def _waiting(actor: Actor) -> Select[Any] | None:
    turns = [
        and_(Matter.kind == procedure.kind, Matter.state == str(state), turn)
        for acting in capacities(actor)
        for procedure in PROCEDURES.values()
        for state, moves in procedure.moves.items()
        for act, moved in moves.items()
        if act in procedure.forward and (turn := _turn(acting, procedure, moved)) is not None
    ]
    if not turns:
        return None
    query = select(Matter.id).where(or_(*turns))
    due_first = query.order_by(Matter.due_on.asc().nulls_last(), Matter.created_at, Matter.id)
    return due_first.limit(LIMITS.list_count)


_WAITING: Final = Planned("matters", _waiting)


def _turn(acting: Actor, procedure: Procedure, moved: Move) -> ColumnElement[bool] | None:
    """Which matters this person may make this move in, in this capacity; None for none."""
    is_others = Matter.created_by.not_in(acting.people)
    own, everywhere = (allows(acting, moved.action, code) for code in (acting.org_code, NOWHERE))
    match moved.party:
        case Party.CREATOR:
            return Matter.created_by == acting.account_id if acting.behalf is None else None
        case Party.RAISER:
            return Matter.from_org == acting.org_code if own else None
        case Party.ANSWERER:
            turn = and_(Matter.to_org == acting.org_code, is_others) if own else None
        case Party.OFFICE:
            turn = is_others if everywhere else None
        case Party.CONSUMER:
            return untold(acting) if own else None
    if turn is None or not moved.is_answer:
        return turn
    return and_(turn, ~_answered(acting, procedure))


def _answered(acting: Actor, procedure: Procedure) -> ColumnElement[bool]:
    """Matters in which they, or whoever they act for, answered before: somebody else has to, a level up."""
    answers = {str(act) for moves in procedure.moves.values() for act, moved in moves.items() if moved.is_answer}
    by = or_(MatterStep.decided_by.in_(acting.people), MatterStep.decided_for.in_(acting.people))
    return exists().where(MatterStep.matter_id == Matter.id, by, MatterStep.act.in_(answers))


def begun(actor: Actor) -> Select[Any]:
    """Those that this person raised."""
    return _traced(Matter.created_at).where(Matter.created_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Select[Any]:
    """Those of others in which this person took a step; ``at`` is the last of them."""
    me, later = actor.account_id, aliased(MatterStep)
    newer = exists().where(later.matter_id == MatterStep.matter_id, later.seq > MatterStep.seq, later.decided_by == me)
    query = _traced(MatterStep.decided_at).join(MatterStep, MatterStep.matter_id == Matter.id)
    return query.where(MatterStep.decided_by == me, Matter.created_by != me, ~newer, visible(actor))


def _traced(at: Any) -> Select[Any]:
    return trace(
        Matter.kind,
        about=Matter.id,
        title=Matter.resource_title,
        state=Matter.state,
        at=at,
        year=Matter.year,
        number=Matter.number,
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which this actor sees a matter, of whatever kind."""
    return or_(sees_correction(actor), sees_objection(actor), sees_complaint(actor))
