"""The filed situations that wait for one person, and those they filed or said something of."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import aliased

from directory.actions import Action
from directory.actors import Actor
from directory.policy import NOWHERE, allows, capacities
from directory.situations.codes import situations
from directory.situations.models import Situation, SituationStep
from directory.situations.queries import visible
from directory.worklist.columns import task, trace

KIND: Final = "situation"


def tasks(actor: Actor) -> Iterator[Select[Any]]:
    """To say what it was, for the department; then to close it, for whoever of the office did not find it."""
    for acting in capacities(actor):
        if allows(acting, Action.SITUATION_ANSWER, acting.org_code):
            yield _task("answer").where(~_has("answered"), ~_has("closed"), Situation.org_code == acting.org_code)
        if allows(acting, Action.SITUATION_CLOSE, NOWHERE):
            yield _task("close").where(_has("answered"), ~_has("closed"), Situation.found_by.not_in(acting.people))


def begun(actor: Actor) -> Select[Any]:
    """Those that this person filed."""
    return _traced(Situation.found_at).where(Situation.found_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Select[Any]:
    """Those of others that this person answered or closed."""
    me, later = actor.account_id, aliased(SituationStep)
    newer = exists().where(
        later.situation_id == SituationStep.situation_id, later.seq > SituationStep.seq, later.said_by == me
    )
    said = _traced(SituationStep.said_at).join(SituationStep, SituationStep.situation_id == Situation.id)
    return said.where(SituationStep.said_by == me, Situation.found_by != me, ~newer, visible(actor))


def _task(act: str) -> Select[Any]:
    return task(KIND, act, about=Situation.id, title=_title(), org_code=Situation.org_code)


def _traced(at: Any) -> Select[Any]:
    said = aliased(SituationStep)
    last = select(said.act).where(said.situation_id == Situation.id).order_by(said.seq.desc()).limit(1)
    state = func.coalesce(last.correlate(Situation).scalar_subquery(), "open")
    return trace(KIND, about=Situation.id, title=_title(), state=state, at=at)


def _title() -> ColumnElement[str]:
    return func.concat(Situation.code, " ", case(situations(), value=Situation.code))


def _has(act: str) -> ColumnElement[bool]:
    said = aliased(SituationStep)
    return exists().where(said.situation_id == Situation.id, said.act == act)
