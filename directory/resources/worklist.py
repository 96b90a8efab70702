"""The entries that one person submitted, and those of others that they decided on."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists
from sqlalchemy.orm import aliased

from directory.actors import Actor
from directory.resources.models import ResourceEntry, ResourceStep
from directory.resources.queries import visible_to
from directory.resources.states import OWN_STEPS
from directory.worklist.columns import trace

KIND: Final = "entry"
_SUBMIT: Final = "submit"


def begun(actor: Actor) -> Select[Any]:
    """Those that this person submitted to the office; ``at`` is the last time."""
    return _taken(actor, lambda step: step.step == _SUBMIT)


def dealt(actor: Actor) -> Select[Any]:
    """Those of others on which this person decided."""
    return _taken(actor, lambda step: step.step.not_in(OWN_STEPS))


def _taken(actor: Actor, is_meant: Any) -> Select[Any]:
    step, later = ResourceStep, aliased(ResourceStep)
    newer: ColumnElement[bool] = exists().where(
        later.resource_id == step.resource_id,
        later.seq > step.seq,
        later.decided_by == actor.account_id,
        is_meant(later),
    )
    query = trace(
        KIND, about=ResourceEntry.id, title=ResourceEntry.title, state=ResourceEntry.status, at=step.decided_at
    )
    query = query.join_from(ResourceStep, ResourceEntry, ResourceEntry.id == ResourceStep.resource_id)
    return query.where(step.decided_by == actor.account_id, is_meant(step), ~newer, visible_to(actor))
