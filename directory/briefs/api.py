"""The brief for programs."""

from uuid import UUID

from fastapi import APIRouter

from directory.actions import Action
from directory.actors import CurrentActor
from directory.briefs.brief import Brief, brief
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by

router = APIRouter(prefix="/requests", tags=["access"])


@router.get("/{request_id}/brief")
@governed_by(Action.REQUEST_BRIEF)
def show_brief(request_id: UUID, session: DbSession, actor: CurrentActor) -> Brief:
    """Everything that one who decides looks at; whoever asks for the data does not see it."""
    return brief(session, actor, request_id, shanghai_today())
