"""The matters that wait for one person: by each kind's table of moves, and who may make the move that is awaited."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.corrections.queries import untold
from directory.limits import LIMITS
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter, MatterStep
from directory.matters.procedure import Move, Party, Procedure
from directory.matters.views import MatterLine, lines
from directory.policy import Allowed, may

_NOWHERE: Final = ""  # no department has this code, so only a permission for all departments holds there


def waiting(session: Session, actor: Actor, today: date) -> Sequence[MatterLine]:
    """The matters whose next step is this actor's, those due first at the front."""
    return lines(session, session.scalars(_waiting(actor)).all(), today)


@lru_cache(maxsize=256)  # put together once for a person as they are now, not for each page
def _waiting(actor: Actor) -> Select[Any]:
    turns = [
        and_(Matter.kind == procedure.kind, Matter.state == str(state), turn)
        for procedure in PROCEDURES.values()
        for state, moves in procedure.moves.items()
        for act, moved in moves.items()
        if act in procedure.forward and (turn := _turn(actor, procedure, moved)) is not None
    ]
    query = select(Matter).where(or_(false(), *turns))
    due_first = query.order_by(Matter.due_on.asc().nulls_last(), Matter.created_at, Matter.id)
    return due_first.limit(LIMITS.list_count)


def _turn(actor: Actor, procedure: Procedure, moved: Move) -> ColumnElement[bool] | None:
    """Which matters this actor may make this move in; None for none."""
    is_mine = Matter.created_by == actor.account_id
    own, everywhere = (isinstance(may(actor, moved.action, code), Allowed) for code in (actor.org_code, _NOWHERE))
    match moved.party:
        case Party.CREATOR:
            return is_mine
        case Party.RAISER:
            return Matter.from_org == actor.org_code if own else None
        case Party.ANSWERER:
            turn = and_(Matter.to_org == actor.org_code, ~is_mine) if own else None
        case Party.OFFICE:
            turn = ~is_mine if everywhere else None
        case Party.CONSUMER:
            return untold(actor) if own else None
    if turn is None or not moved.is_answer:
        return turn
    return and_(turn, ~_answered(actor, procedure))


def _answered(actor: Actor, procedure: Procedure) -> ColumnElement[bool]:
    """Matters in which this person answered before: somebody else has to, a level up."""
    answers = {str(act) for moves in procedure.moves.values() for act, moved in moves.items() if moved.is_answer}
    return exists().where(
        MatterStep.matter_id == Matter.id, MatterStep.decided_by == actor.account_id, MatterStep.act.in_(answers)
    )
