"""The 责任清单 for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.lists.download import workbook
from directory.responsibilities import sheets
from directory.responsibilities.queries import Owed, owed
from directory.responsibilities.states import Act
from directory.responsibilities.take import Assigned, assign, take
from directory.responsibilities.views import OwedLine, OwedView, lines, view

router = APIRouter(prefix="/responsibilities", tags=["lists"])

_OWN = "only what the caller's own department must provide or has asked for; the office sees all"
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewResponsibility(BaseModel):
    """Which department must catalogue and provide what by when; of an item of a demand the name may be left out."""

    model_config = ConfigDict(extra="forbid")

    org_code: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(max_length=200)] = ""
    basis: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
    due_on: date
    demand_id: UUID | None = None
    demand_number: Annotated[StrictInt | None, Field(ge=1, le=1000)] = None


class NewStep(BaseModel):
    """What is done; a refusal, a decision that it stands and a withdrawal say why, ``catalogued`` names the entry."""

    model_config = ConfigDict(extra="forbid")

    act: Act
    reason: Annotated[str, Field(max_length=2000)] = ""
    resource: Annotated[str, Field(max_length=100)] = ""


class Imported(BaseModel):
    """What a file brought."""

    ids: list[UUID]


@router.post("", status_code=201)
@governed_by(Action.RESPONSIBILITY_ASSIGN)
def assign_responsibility(body: NewResponsibility, session: DbSession, actor: CurrentActor) -> OwedView:
    """Name a responsible department, for an item of a demand or by itself."""
    now = datetime.now(UTC)
    made = assign(session, actor, Assigned(**body.model_dump()), now)
    return view(session, actor, one(session, actor, made.id), day_of(now))


@router.get("")
@open_to_signed_in(_OWN)
def list_responsibilities(
    session: DbSession,
    actor: CurrentActor,
    is_open: bool | None = None,
    org: Annotated[str, Query(max_length=32)] = "",
) -> Sequence[OwedLine]:
    """What the caller sees of the list, due first at the front."""
    found = owed(session, actor, is_open=is_open, org_code=org)
    return lines(session, found, shanghai_today())


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@open_to_signed_in(_OWN)
def export_responsibilities(session: DbSession, actor: CurrentActor) -> Response:
    """The list as a workbook (xlsx)."""
    return workbook(sheets.TITLE, sheets.exported(list_responsibilities(session, actor)))


@router.post("/import", status_code=201, dependencies=[COSTLY])
@governed_by(Action.RESPONSIBILITY_ASSIGN)
def import_responsibilities(session: DbSession, actor: CurrentActor, file: UploadFile) -> Imported:
    """Put the departments of a workbook (xlsx, xls, csv) on the list, all or none."""
    made = sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    return Imported(ids=[each.id for each in made])


@router.get("/{responsibility_id}")
@open_to_signed_in(_OWN)
def show_responsibility(responsibility_id: UUID, session: DbSession, actor: CurrentActor) -> OwedView:
    """One responsibility with its life."""
    return view(session, actor, one(session, actor, responsibility_id), shanghai_today())


@router.post("/{responsibility_id}/steps")
@governed_by(
    Action.RESPONSIBILITY_ANSWER,
    Action.RESPONSIBILITY_ASSIGN,
    Action.RESPONSIBILITY_DECIDE,
    Action.RESPONSIBILITY_FULFIL,
)
def take_step(responsibility_id: UUID, body: NewStep, session: DbSession, actor: CurrentActor) -> OwedView:
    """Accept or refuse it, decide on a refusal, name the entry, or take it back."""
    now = datetime.now(UTC)
    take(session, actor, responsibility_id, body.act, now, reason=body.reason, ref=body.resource)
    return view(session, actor, one(session, actor, responsibility_id), day_of(now))


def one(session: Session, actor: Actor, responsibility_id: UUID) -> Owed:
    """One of them with what it is tied to; raises ``RESPONSIBILITY_NOT_FOUND``."""
    found = owed(session, actor, only=responsibility_id)
    if not found:
        raise DirectoryError("RESPONSIBILITY_NOT_FOUND", ref=responsibility_id)
    return found[0]
