"""Entrustments for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from directory.access.said import Words
from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.entrustments import enter
from directory.entrustments.enter import Act, Entrusted
from directory.entrustments.queries import entrustment_rows
from directory.entrustments.views import EntrustmentView, view, views
from directory.policy import require

router = APIRouter(prefix="/entrustments", tags=["entrustments"])


class NewEntrustment(BaseModel):
    """What the caller's department entrusts to whom (Art. 36)."""

    model_config = ConfigDict(extra="forbid")

    contractor: Annotated[str, Field(max_length=200)]
    contractor_code: Annotated[str, Field(max_length=18)] = ""
    work: Annotated[str, Field(max_length=1000)]
    covers: Annotated[str, Field(max_length=1000)]
    basis: Annotated[str, Field(max_length=500)]
    since: date
    until: date


class EntrustmentSaid(BaseModel):
    """A decision, a note of supervision or the end, with its words."""

    model_config = ConfigDict(extra="forbid")

    act: Act
    words: Words = ""


@router.get("")
@governed_by(Action.ENTRUSTMENT_READ)
def browse(
    session: DbSession, actor: CurrentActor, org: Annotated[str, Query(max_length=32)] = ""
) -> Sequence[EntrustmentView]:
    """What the caller's department entrusted, the newest first; for those who supervise, what every department did."""
    require(actor, Action.ENTRUSTMENT_READ, actor.org_code)
    return views(session, actor, entrustment_rows(session, actor, org), shanghai_today())


@router.post("", status_code=201)
@governed_by(Action.ENTRUSTMENT_ENTER)
def enter_one(body: NewEntrustment, session: DbSession, actor: CurrentActor) -> EntrustmentView:
    """Enter what is to be entrusted; the department's head approves it, who is somebody else."""
    now = datetime.now(UTC)
    row = enter.enter(session, actor, Entrusted(**body.model_dump()), now)
    return view(session, actor, row.id, day_of(now))


@router.get("/{entrustment_id}")
@governed_by(Action.ENTRUSTMENT_READ)
def show(entrustment_id: UUID, session: DbSession, actor: CurrentActor) -> EntrustmentView:
    """One entrustment with everything that was said of it."""
    return view(session, actor, entrustment_id, shanghai_today())


@router.post("/{entrustment_id}/steps")
@governed_by(Action.ENTRUSTMENT_APPROVE, Action.ENTRUSTMENT_SUPERVISE)
def say(entrustment_id: UUID, body: EntrustmentSaid, session: DbSession, actor: CurrentActor) -> EntrustmentView:
    """Approve or refuse, note what supervision found, or end it."""
    now = datetime.now(UTC)
    enter.say(session, actor, entrustment_id, body.act, body.words, now)
    return view(session, actor, entrustment_id, day_of(now))
