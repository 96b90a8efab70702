"""Changed and ended services, and changes of items in use, for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from directory.access.said import Words
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.services import announce, item_changes
from directory.services.item_changes import ItemChangeView
from directory.services.queries import notice_rows
from directory.services.views import ServiceLine, ServiceView, lines, view

router = APIRouter(tags=["services"])


class NewNotice(BaseModel):
    """What happens to the service of an entry (UUID, or identifier with ~ for /), from which day, and why."""

    model_config = ConfigDict(extra="forbid")

    resource: Annotated[str, Field(min_length=3, max_length=100)]
    kind: Literal["change", "end"]
    words: Words
    answer_by: date
    takes_effect_on: date


class Answer(BaseModel):
    """A consumer's word for one of its uses; an objection says why."""

    model_config = ConfigDict(extra="forbid")

    request_id: UUID
    is_agreed: StrictBool
    words: Words = ""


class Said(BaseModel):
    """Words of the provider or the office."""

    model_config = ConfigDict(extra="forbid")

    words: Words


@router.get("/services")
@governed_by(Action.SERVICE_READ)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[ServiceLine]:
    """The announced changes and endings of services that concern the caller, the newest first."""
    return lines(session, actor, notice_rows(session, actor), shanghai_today())


@router.post("/services", status_code=201)
@governed_by(Action.SERVICE_ANNOUNCE)
def announce_change(body: NewNotice, session: DbSession, actor: CurrentActor) -> ServiceView:
    """Announce to everybody who uses an entry that its service changes or ends (Art. 27)."""
    made = announce.announce(
        session, actor, body.resource, body.kind, body.words, body.answer_by, body.takes_effect_on, datetime.now(UTC)
    )
    return view(session, actor, made.id, shanghai_today())


@router.get("/services/{notice_id}")
@governed_by(Action.SERVICE_READ)
def show(notice_id: UUID, session: DbSession, actor: CurrentActor) -> ServiceView:
    """One notice with everything that was said."""
    return view(session, actor, notice_id, shanghai_today())


@router.post("/services/{notice_id}/answers")
@governed_by(Action.SERVICE_ANSWER)
def answer(notice_id: UUID, body: Answer, session: DbSession, actor: CurrentActor) -> ServiceView:
    """Agree or object, for one use of the caller's department."""
    announce.answer(
        session,
        actor,
        notice_id,
        body.request_id,
        is_agreed=body.is_agreed,
        words=body.words,
        now=datetime.now(UTC),
    )
    return view(session, actor, notice_id, shanghai_today())


@router.post("/services/{notice_id}/replies")
@governed_by(Action.SERVICE_ANNOUNCE)
def reply(notice_id: UUID, body: Said, session: DbSession, actor: CurrentActor) -> ServiceView:
    """The provider's answer to what was objected."""
    announce.reply(session, actor, notice_id, body.words, datetime.now(UTC))
    return view(session, actor, notice_id, shanghai_today())


@router.post("/services/{notice_id}/filing")
@governed_by(Action.SERVICE_FILE)
def file(notice_id: UUID, body: Said, session: DbSession, actor: CurrentActor) -> ServiceView:
    """备案; 409 ``SERVICE_UNSETTLED`` while somebody may still answer or an objection is not answered."""
    announce.file(session, actor, notice_id, body.words, datetime.now(UTC))
    return view(session, actor, notice_id, shanghai_today())


@router.post("/services/{notice_id}/withdrawal")
@governed_by(Action.SERVICE_ANNOUNCE)
def withdraw(notice_id: UUID, body: Said, session: DbSession, actor: CurrentActor) -> ServiceView:
    """Let the service stay as it is."""
    announce.withdraw(session, actor, notice_id, body.words, datetime.now(UTC))
    return view(session, actor, notice_id, shanghai_today())


@router.get("/item-changes")
@governed_by(Action.SERVICE_READ)
def browse_item_changes(
    session: DbSession, actor: CurrentActor, request: UUID | None = None, noted: bool | None = None
) -> Sequence[ItemChangeView]:
    """What new versions changed of items in use: all that the caller sees, of one request, noted or not."""
    return item_changes.item_changes(session, actor, request_id=request, is_noted=noted)


@router.post("/item-changes/{request_id}/{version}/note")
@governed_by(Action.ITEM_CHANGE_NOTE)
def note(request_id: UUID, version: int, session: DbSession, actor: CurrentActor) -> ItemChangeView:
    """The caller's department has taken note of what a version changes for one of its uses."""
    return item_changes.note(session, actor, request_id, version, datetime.now(UTC))
