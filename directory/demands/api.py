"""Demands for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.demands import choose as choosing
from directory.demands import raising, sheets
from directory.demands.queries import demand, demands
from directory.demands.views import DemandLine, DemandView, MatchesShown, lines, matches_of, view
from directory.http.throttle import COSTLY
from directory.lists.download import workbook

router = APIRouter(prefix="/demands", tags=["lists"])

_OWN = "only the caller's own department's demands and those it is to provide for; the office sees all"
Number = Annotated[int, Path(ge=1, le=1000)]
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewItem(BaseModel):
    """One item needed."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    description: Annotated[str, Field(max_length=2000)] = ""


class NewDemand(BaseModel):
    """What is needed, for which service and purpose, on which law, by when."""

    model_config = ConfigDict(extra="forbid")

    title: _Name
    service: _Name
    purpose: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    law_title: _Name
    law_article: Annotated[str, Field(max_length=100)] = ""
    needed_by: date
    items: Annotated[list[NewItem], Field(min_length=1, max_length=raising.MOST_ITEMS)]


class Choice(BaseModel):
    """An item (its field name) of a published entry (UUID, or identifier with ~ for /)."""

    model_config = ConfigDict(extra="forbid")

    resource: Annotated[str, Field(min_length=1, max_length=100)]
    field: Annotated[str, Field(min_length=1, max_length=63)]


class Link(BaseModel):
    """The request that came of the choice."""

    model_config = ConfigDict(extra="forbid")

    request_id: UUID


class Withdrawal(BaseModel):
    """Why a demand is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=2000)]


class Imported(BaseModel):
    """What a file brought."""

    ids: list[UUID]


@router.post("", status_code=201)
@governed_by(Action.DEMAND_RAISE)
def raise_demand(body: NewDemand, session: DbSession, actor: CurrentActor) -> DemandView:
    """Raise a demand of the caller's own department."""
    now = datetime.now(UTC)
    raised = raising.Raised(
        title=body.title,
        service=body.service,
        purpose=body.purpose,
        law_title=body.law_title,
        law_article=body.law_article,
        needed_by=body.needed_by,
        items=[raising.Needed(each.name, each.description) for each in body.items],
    )
    made = raising.raise_demand(session, actor, raised, now)
    return view(session, actor, demand(session, actor, made.id), day_of(now))


@router.get("")
@open_to_signed_in(_OWN)
def list_demands(
    session: DbSession,
    actor: CurrentActor,
    is_open: bool | None = None,
    org: Annotated[str, Query(max_length=32)] = "",
) -> Sequence[DemandLine]:
    """The demands the caller sees, those needed first at the front."""
    found = demands(session, actor, is_open=is_open, org_code=org)
    return lines(session, found, shanghai_today())


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@open_to_signed_in(_OWN)
def export_demands(session: DbSession, actor: CurrentActor) -> Response:
    """The list as a workbook (xlsx)."""
    today = shanghai_today()
    found = [view(session, actor, each, today) for each in demands(session, actor)]
    return workbook(sheets.TITLE, sheets.exported(found))


@router.post("/import", status_code=201, dependencies=[COSTLY])
@governed_by(Action.DEMAND_RAISE)
def import_demands(session: DbSession, actor: CurrentActor, file: UploadFile) -> Imported:
    """Raise the demands of a workbook (xlsx, xls, csv), all or none."""
    made = sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    return Imported(ids=[each.id for each in made])


@router.get("/{demand_id}")
@open_to_signed_in(_OWN)
def show_demand(demand_id: UUID, session: DbSession, actor: CurrentActor) -> DemandView:
    """One demand, item by item."""
    return view(session, actor, demand(session, actor, demand_id), shanghai_today())


@router.get("/{demand_id}/matches", dependencies=[COSTLY])
@open_to_signed_in(_OWN)
def show_matches(demand_id: UUID, session: DbSession, actor: CurrentActor) -> MatchesShown:
    """For each item without a request yet, by its number, the published items that are or may be it, and why."""
    return matches_of(session, actor, demand(session, actor, demand_id))


@router.put("/{demand_id}/items/{number}/choice")
@governed_by(Action.DEMAND_RAISE)
def choose(demand_id: UUID, number: Number, body: Choice, session: DbSession, actor: CurrentActor) -> DemandView:
    """Choose an existing item as the source of what is asked for."""
    now = datetime.now(UTC)
    choosing.choose(session, actor, demand_id, number, body.resource, body.field, now)
    return view(session, actor, demand(session, actor, demand_id), day_of(now))


@router.put("/{demand_id}/items/{number}/request")
@governed_by(Action.DEMAND_RAISE)
def link(demand_id: UUID, number: Number, body: Link, session: DbSession, actor: CurrentActor) -> DemandView:
    """Tie the department's own request for the chosen entry to the item."""
    now = datetime.now(UTC)
    choosing.link(session, actor, demand_id, number, body.request_id, now)
    return view(session, actor, demand(session, actor, demand_id), day_of(now))


@router.post("/{demand_id}/items/{number}/satisfaction")
@governed_by(Action.DEMAND_RAISE)
def satisfy(demand_id: UUID, number: Number, session: DbSession, actor: CurrentActor) -> DemandView:
    """Say that the need is met by what was chosen."""
    now = datetime.now(UTC)
    choosing.satisfy(session, actor, demand_id, number, now)
    return view(session, actor, demand(session, actor, demand_id), day_of(now))


@router.post("/{demand_id}/withdrawal")
@governed_by(Action.DEMAND_RAISE)
def withdraw(demand_id: UUID, body: Withdrawal, session: DbSession, actor: CurrentActor) -> DemandView:
    """Take a demand back, with the reason."""
    now = datetime.now(UTC)
    raising.withdraw(session, actor, demand_id, body.reason, now)
    return view(session, actor, demand(session, actor, demand_id), day_of(now))
