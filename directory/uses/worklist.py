"""The uses of which one person kept a record. Those that lack one stand in ``views.asked_of``."""

from typing import Any, Final

from sqlalchemy import Select, exists
from sqlalchemy.orm import aliased

from directory.access.models import RequestRow
from directory.access.queries import visible
from directory.actions import Action
from directory.actors import Actor
from directory.uses.models import UseRecord
from directory.worklist.columns import trace

KIND: Final = "use"


def dealt(actor: Actor) -> Select[Any]:
    """The uses this person recorded; ``at`` is the last time."""
    later = aliased(UseRecord)
    newer = exists().where(
        later.request_id == UseRecord.request_id,
        later.seq > UseRecord.seq,
        later.recorded_by == actor.account_id,
    )
    query = trace(
        KIND, about=RequestRow.id, title=RequestRow.resource_title, state="recorded", at=UseRecord.recorded_at
    ).join_from(UseRecord, RequestRow, RequestRow.id == UseRecord.request_id)
    return query.where(UseRecord.recorded_by == actor.account_id, ~newer, visible(actor, Action.USE_READ))
