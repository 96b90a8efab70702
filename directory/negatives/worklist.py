"""The proposals for the negative list that wait for one person's decision, and those they made or decided on."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Select, func, or_

from directory.actions import Action
from directory.actors import Actor
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import visible
from directory.policy import NOWHERE, allows, capacities
from directory.worklist.columns import task, trace

KIND: Final = "negative"


def tasks(actor: Actor) -> Iterator[Select[Any]]:
    """Proposals to decide on; nobody decides on their own."""
    for acting in capacities(actor):
        if allows(acting, Action.NEGATIVE_DECIDE, NOWHERE):
            query = task(
                KIND, "decide", about=NegativeEntry.id, title=NegativeEntry.title, org_code=NegativeEntry.org_code
            )
            is_others = NegativeEntry.proposed_by.not_in(acting.people)
            yield query.where(NegativeEntry.state == "proposed", is_others)


def begun(actor: Actor) -> Select[Any]:
    """Those that this person proposed."""
    return _traced(NegativeEntry.proposed_at).where(NegativeEntry.proposed_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Select[Any]:
    """Those of others that this person decided on or ended."""
    me = actor.account_id
    by_me = or_(NegativeEntry.decided_by == me, NegativeEntry.ended_by == me)
    at = func.greatest(NegativeEntry.decided_at, NegativeEntry.ended_at)
    return _traced(at).where(by_me, NegativeEntry.proposed_by != me, visible(actor))


def _traced(at: Any) -> Select[Any]:
    return trace(KIND, about=NegativeEntry.id, title=NegativeEntry.title, state=NegativeEntry.state, at=at)
