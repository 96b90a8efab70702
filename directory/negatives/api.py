"""The 负面清单 for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.http.throttle import COSTLY
from directory.lists.download import workbook
from directory.negatives import keep, sheets
from directory.negatives.queries import hits, negative, negatives
from directory.negatives.views import HitShown, NegativeView, hits_shown, views
from directory.resources.queries import find, shown_record

router = APIRouter(prefix="/negative-list", tags=["lists"])

_SEEN = "what is listed, to everybody who may ask for data; proposals to their department and the office"
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewNegative(BaseModel):
    """What may not be shared or opened, on which law, from when until when.

    ``resource`` is a catalogue entry, ``items`` its field names (none: the whole); without ``resource`` they are names
    of items of the department ``org_code``, or of everybody where that is empty (the office only).
    """

    model_config = ConfigDict(extra="forbid")

    title: _Name
    covers: Literal["share", "open", "both"]
    law_title: Annotated[str, Field(max_length=200)] = ""
    law_article: Annotated[str, Field(max_length=100)] = ""
    since: date
    until: date
    resource: Annotated[str, Field(max_length=100)] = ""
    items: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=keep.MOST_ITEMS)] = []
    org_code: Annotated[str, Field(max_length=32)] = ""
    reason: Annotated[str, Field(max_length=2000)] = ""


class Decision(BaseModel):
    """Whether the proposal is listed; one that is not says why."""

    model_config = ConfigDict(extra="forbid")

    is_listed: StrictBool
    words: Annotated[str, Field(max_length=2000)] = ""


class Removal(BaseModel):
    """Why an entry is taken off before its last day."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=2000)]


class Imported(BaseModel):
    """What a file brought."""

    ids: list[UUID]


@router.post("", status_code=201)
@governed_by(Action.NEGATIVE_PROPOSE)
def propose(body: NewNegative, session: DbSession, actor: CurrentActor) -> NegativeView:
    """Propose an entry; the office decides."""
    now = datetime.now(UTC)
    proposed = keep.Proposed(
        title=body.title,
        covers=body.covers,
        law_title=body.law_title,
        law_article=body.law_article,
        since=body.since,
        until=body.until,
        ref=body.resource,
        items=body.items,
        org_code=body.org_code,
        reason=body.reason,
    )
    made = keep.propose(session, actor, proposed, now)
    return views(session, actor, [made], day_of(now))[0]


@router.get("")
@open_to_signed_in(_SEEN)
def list_negatives(
    session: DbSession,
    actor: CurrentActor,
    state: Annotated[Literal["", "proposed", "listed", "declined", "removed"], Query()] = "",
    org: Annotated[str, Query(max_length=32)] = "",
) -> Sequence[NegativeView]:
    """The list as the caller sees it, what ends first at the front."""
    rows = negatives(session, actor, state=state, org_code=org)
    return views(session, actor, rows, shanghai_today())


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@open_to_signed_in(_SEEN)
def export_negatives(session: DbSession, actor: CurrentActor) -> Response:
    """The list as a workbook (xlsx)."""
    return workbook(sheets.TITLE, sheets.exported(list_negatives(session, actor)))


@router.post("/import", status_code=201, dependencies=[COSTLY])
@governed_by(Action.NEGATIVE_PROPOSE)
def import_negatives(session: DbSession, actor: CurrentActor, file: UploadFile) -> Imported:
    """Propose the entries of a workbook (xlsx, xls, csv), all or none."""
    made = sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    return Imported(ids=[each.id for each in made])


@router.get("/hits")
@open_to_signed_in("of an entry that the caller sees")
def show_hits(
    resource: Annotated[str, Query(max_length=100)],
    session: DbSession,
    actor: CurrentActor,
    item: Annotated[list[Annotated[str, Field(max_length=63)]], Query(max_length=1000)] = [],  # noqa: B006
) -> Sequence[HitShown]:
    """What of an entry, or of the items named by their fields, is on the list today."""
    entry = find(session, actor, resource)
    held = [each for each in shown_record(session, actor, entry).items if not item or each.field in item]
    return hits_shown(hits(session, entry, held, shanghai_today()))


@router.get("/{negative_id}")
@open_to_signed_in(_SEEN)
def show_negative(negative_id: UUID, session: DbSession, actor: CurrentActor) -> NegativeView:
    """One entry."""
    return views(session, actor, [negative(session, actor, negative_id)], shanghai_today())[0]


@router.post("/{negative_id}/decision")
@governed_by(Action.NEGATIVE_DECIDE)
def decide(negative_id: UUID, body: Decision, session: DbSession, actor: CurrentActor) -> NegativeView:
    """List what was proposed, or decline it."""
    now = datetime.now(UTC)
    row = keep.decide(session, actor, negative_id, is_listed=body.is_listed, words=body.words, now=now)
    return views(session, actor, [row], day_of(now))[0]


@router.post("/{negative_id}/removal")
@governed_by(Action.NEGATIVE_DECIDE)
def remove(negative_id: UUID, body: Removal, session: DbSession, actor: CurrentActor) -> NegativeView:
    """Take a listed entry off."""
    now = datetime.now(UTC)
    row = keep.remove(session, actor, negative_id, body.words, now)
    return views(session, actor, [row], day_of(now))[0]
