"""Filed situations for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from directory.access.said import Words
from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.policy import require
from directory.situations import file
from directory.situations.file import Found
from directory.situations.queries import situation_rows
from directory.situations.views import SituationView, view, views

router = APIRouter(tags=["situations"])


class NewSituation(BaseModel):
    """What was found (P1–P9 of Art. 39, C1–C7 of Art. 40), of which department; with a request it follows."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern="^[PC][1-9]$")]
    words: Words
    org_code: Annotated[str, Field(max_length=32)] = ""
    request_id: UUID | None = None
    resource: Annotated[str, Field(max_length=100)] = ""


class SituationAnswer(BaseModel):
    """What the department says."""

    model_config = ConfigDict(extra="forbid")

    words: Words


class Closing(SituationAnswer):
    """How the office closes it."""

    outcome: Literal["corrected", "unfounded", "referred"]


@router.get("/situations")
@governed_by(Action.SITUATION_READ)
def browse(
    session: DbSession, actor: CurrentActor, is_open: bool | None = None, request: UUID | None = None
) -> Sequence[SituationView]:
    """The situations that concern the caller, the newest first: open or closed, of one request, as asked."""
    require(actor, Action.SITUATION_READ, actor.org_code)
    return views(session, actor, situation_rows(session, actor, is_open=is_open, request_id=request))


@router.post("/situations", status_code=201)
@governed_by(Action.SITUATION_FILE)
def file_situation(body: NewSituation, session: DbSession, actor: CurrentActor) -> SituationView:
    """File a situation of a department; it is asked to say what it was."""
    found = Found(body.code, body.words, body.org_code, body.request_id, body.resource)
    made = file.file_situation(session, actor, found, datetime.now(UTC))
    return view(session, actor, made.id)


@router.get("/situations/{situation_id}")
@governed_by(Action.SITUATION_READ)
def show(situation_id: UUID, session: DbSession, actor: CurrentActor) -> SituationView:
    """One situation with everything that was said."""
    return view(session, actor, situation_id)


@router.post("/situations/{situation_id}/answers")
@governed_by(Action.SITUATION_ANSWER)
def answer(situation_id: UUID, body: SituationAnswer, session: DbSession, actor: CurrentActor) -> SituationView:
    """The department's answer; it may say more until the office closes."""
    file.answer(session, actor, situation_id, body.words, datetime.now(UTC))
    return view(session, actor, situation_id)


@router.post("/situations/{situation_id}/closing")
@governed_by(Action.SITUATION_CLOSE)
def close(situation_id: UUID, body: Closing, session: DbSession, actor: CurrentActor) -> SituationView:
    """Close it; 409 ``SITUATION_UNANSWERED`` before the department was heard."""
    file.close(session, actor, situation_id, body.outcome, body.words, datetime.now(UTC))
    return view(session, actor, situation_id)
