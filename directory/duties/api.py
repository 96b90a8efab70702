"""Changes of law or duty for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.duties.queries import change, changes
from directory.duties.report import Reported, ask_extension, decide_extension, report
from directory.duties.views import DutyLine, DutyView, lines, view
from directory.limits import LIMITS

router = APIRouter(prefix="/duty-changes", tags=["duty changes"])

_OWN = "only what touches the caller's own department; the office sees all"


class NewChange(BaseModel):
    """What changed, on which day it took effect, and which entries must follow: UUIDs, or identifiers with ~ for /."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["law", "duty"]
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    article: Annotated[str, Field(max_length=100)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""
    changed_on: date
    refs: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=LIMITS.batch_count)]


class NewExtension(BaseModel):
    """How many working days more, and why."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[StrictInt, Field(ge=1, le=100)]
    reason: Annotated[str, Field(max_length=2000)]


class ExtensionDecision(BaseModel):
    """Whether the office consents; a refusal says why."""

    model_config = ConfigDict(extra="forbid")

    is_granted: StrictBool
    comment: Annotated[str, Field(max_length=2000)] = ""


@router.post("", status_code=201)
@governed_by(Action.DUTY_CHANGE_REPORT)
def report_change(body: NewChange, session: DbSession, actor: CurrentActor) -> DutyView:
    """Report a change (Art. 17): the affected entries must be updated within ten working days of it."""
    now = datetime.now(UTC)
    reported = Reported(body.kind, body.title, body.article, body.description, body.changed_on, body.refs)
    made = report(session, actor, reported, now)
    return view(session, actor, change(session, actor, made.id), day_of(now))


@router.get("")
@open_to_signed_in(_OWN)
def list_changes(session: DbSession, actor: CurrentActor, is_open: bool | None = None) -> Sequence[DutyLine]:
    """The changes the caller sees, the newest first."""
    return lines(session, changes(session, actor, is_open=is_open), shanghai_today())


@router.get("/{change_id}")
@open_to_signed_in(_OWN)
def show_change(change_id: UUID, session: DbSession, actor: CurrentActor) -> DutyView:
    """One change: its entries, whose turn it is, and the days."""
    return view(session, actor, change(session, actor, change_id), shanghai_today())


@router.post("/{change_id}/extension", status_code=201)
@governed_by(Action.DUTY_CHANGE_REPORT)
def ask_for_extension(change_id: UUID, body: NewExtension, session: DbSession, actor: CurrentActor) -> DutyView:
    """Ask the office for up to five working days more; once."""
    now = datetime.now(UTC)
    ask_extension(session, actor, change_id, body.days, body.reason, now)
    return view(session, actor, change(session, actor, change_id), day_of(now))


@router.post("/{change_id}/extension/decision")
@governed_by(Action.DUTY_EXTENSION_DECIDE)
def decide_on_extension(change_id: UUID, body: ExtensionDecision, session: DbSession, actor: CurrentActor) -> DutyView:
    """Consent to the extension, or refuse it with a reason."""
    now = datetime.now(UTC)
    decide_extension(session, actor, change_id, is_granted=body.is_granted, comment=body.comment, now=now)
    return view(session, actor, change(session, actor, change_id), day_of(now))
