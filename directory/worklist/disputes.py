"""The disputes that one person began over a request that somebody else in their department had made."""

from typing import Any, Final

from sqlalchemy import Select, exists
from sqlalchemy.orm import aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.queries import visible
from directory.access.states import Act
from directory.actors import Actor
from directory.worklist.columns import trace

KIND: Final = "dispute"
_ACTS: Final = (Act.DISPUTED.value, Act.ESCALATED.value)


def begun(actor: Actor) -> Select[Any]:
    """Requests that this person disputed or took a level up, where they are not in the list as their own."""
    step, later = RequestStep, aliased(RequestStep)
    newer = exists().where(
        later.request_id == step.request_id,
        later.seq > step.seq,
        later.decided_by == actor.account_id,
        later.act.in_(_ACTS),
    )
    query = trace(
        KIND,
        about=RequestRow.id,
        title=RequestRow.resource_title,
        state=RequestRow.state + "/" + RequestRow.stage,
        at=step.decided_at,
    ).join_from(RequestStep, RequestRow, RequestRow.id == RequestStep.request_id)
    mine = (step.decided_by == actor.account_id, step.act.in_(_ACTS), RequestRow.created_by != actor.account_id)
    return query.where(*mine, ~newer, visible(actor))
