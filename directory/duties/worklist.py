"""The changes of law or duty that one person reported. Those that wait stand in ``views.waiting``."""

from typing import Any, Final

from sqlalchemy import Select

from directory.actors import Actor
from directory.duties.models import DutyChange
from directory.duties.queries import visible
from directory.worklist.columns import trace

KIND: Final = "duty"


def begun(actor: Actor) -> Select[Any]:
    """Those that this person reported; how far they are is read off their entries, on their page."""
    query = trace(KIND, about=DutyChange.id, title=DutyChange.title, state="reported", at=DutyChange.reported_at)
    return query.where(DutyChange.reported_by == actor.account_id, visible(actor))
