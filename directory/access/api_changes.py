"""Changes of uses in force for programs."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from directory.access.change import change
from directory.access.said import Words
from directory.access.views import RequestView, view
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import governed_by
from metadata.access import AccessRequest

router = APIRouter(tags=["access"])


class NewChange(BaseModel):
    """The whole request as it is to be from now on, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: Words
    request: AccessRequest


@router.post("/requests/{request_id}/changes", status_code=201)
@governed_by(Action.REQUEST_CREATE)
def ask_change(request_id: UUID, body: NewChange, session: DbSession, actor: CurrentActor) -> RequestView:
    """Draft the request that takes this one's place: what only becomes less is granted as soon as it is accepted."""
    now = datetime.now(UTC)
    row = change(session, actor, request_id, body.request, body.reason, now)
    return view(session, actor, row.id, day_of(now))
