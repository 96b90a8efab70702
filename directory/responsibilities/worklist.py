"""The responsibilities that wait for one person, and those they named or dealt with."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists

from directory.actors import Actor
from directory.policy import NOWHERE, allows, capacities
from directory.responsibilities.models import Responsibility, ResponsibilityStep
from directory.responsibilities.queries import visible
from directory.responsibilities.states import MOVES, Act, Move
from directory.worklist.columns import task, trace

KIND: Final = "responsibility"
_AWAITED: Final = {
    "answer": (("assigned",), MOVES[Act.ACCEPTED]),
    "decide": (("refused",), MOVES[Act.UPHELD]),
    "catalogue": (("accepted", "upheld"), MOVES[Act.CATALOGUED]),
}


def tasks(actor: Actor) -> Iterator[Select[Any]]:
    """To answer, to decide on, to catalogue: never by whoever named the department."""
    for acting in capacities(actor):
        for act, (states, move) in _AWAITED.items():
            reach = _reach(acting, move)
            if reach is not None:
                query = task(
                    KIND,
                    act,
                    about=Responsibility.id,
                    title=Responsibility.name,
                    org_code=Responsibility.org_code,
                    due_on=Responsibility.due_on,
                )
                is_others = Responsibility.assigned_by.not_in(acting.people)
                yield query.where(Responsibility.state.in_(states), is_others, reach)


def begun(actor: Actor) -> Select[Any]:
    """Those that this person named."""
    return _traced(Responsibility.assigned_at).where(Responsibility.assigned_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Select[Any]:
    """Those of others in which this person took a step; ``at`` is the last of them."""
    query = _traced(ResponsibilityStep.decided_at).join(
        ResponsibilityStep, ResponsibilityStep.responsibility_id == Responsibility.id
    )
    later = ResponsibilityStep.__table__.alias("later")
    is_mine = ResponsibilityStep.decided_by == actor.account_id
    newer = exists().where(
        later.c.responsibility_id == ResponsibilityStep.responsibility_id,
        later.c.seq > ResponsibilityStep.seq,
        later.c.decided_by == actor.account_id,
    )
    return query.where(is_mine, Responsibility.assigned_by != actor.account_id, ~newer, visible(actor))


def _traced(at: Any) -> Select[Any]:
    return trace(KIND, about=Responsibility.id, title=Responsibility.name, state=Responsibility.state, at=at)


def _reach(acting: Actor, move: Move) -> ColumnElement[bool] | None:
    """Whose responsibilities these are to act on; None for nobody's."""
    if allows(acting, move.action, NOWHERE):
        return Responsibility.id.is_not(None)
    is_own = allows(acting, move.action, acting.org_code)
    return Responsibility.org_code == acting.org_code if is_own else None
