"""The page of an entry's ratings, where they are given, answered and moderated."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.ratings.queries import ASPECTS, rating, ratings_of
from directory.ratings.rate import give, note
from directory.ratings.said import NewRating
from directory.ratings.states import Act
from directory.resources.models import ResourceEntry
from directory.resources.pages import address_of
from directory.resources.queries import find, shown_record
from directory.typed import number_in
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)


class RatingForm(BaseModel):
    """The form of a rating, as it was sent."""

    model_config = ConfigDict(frozen=True)

    quality: Annotated[str, Form(max_length=1)] = ""
    timeliness: Annotated[str, Form(max_length=1)] = ""
    usefulness: Annotated[str, Form(max_length=1)] = ""
    words: Annotated[str, Form(max_length=1000)] = ""


class NoteForm(BaseModel):
    """An answer or a moderation, as it was sent."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form(max_length=20)] = ""
    words: Annotated[str, Form(max_length=1000)] = ""


@router.get("/resources/{ref}/ratings")
@governed_by(Action.RESOURCE_READ)
def browse(
    ref: Annotated[str, Path(max_length=100)], request: Request, session: DbSession, actor: CurrentActor
) -> HTMLResponse:
    """How many gave each mark, what they said, and the form of whoever may rate."""
    return _page(request, session, actor, find(session, actor, ref))


@router.post("/ratings/{request_id}")
@governed_by(Action.RATING_GIVE)
def rate(
    request_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[RatingForm, Form()]
) -> Response:
    """Give or change a rating; a refusal is shown on the page."""
    entry = session.get_one(ResourceEntry, request_row(session, actor, request_id).resource_id)
    marks = {aspect: number_in(getattr(form, aspect)) for aspect in ASPECTS}
    try:
        with session.begin_nested():
            if not all(mark and 1 <= mark <= 5 for mark in marks.values()):
                raise DirectoryError("RATING_MARKS")
            given = NewRating.model_validate({**marks, "words": form.words})
            give(session, actor, request_id, given, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, entry, error)
    return RedirectResponse(f"{address_of(entry)}/ratings", status_code=303)


@router.post("/ratings/{request_id}/notes")
@governed_by(Action.RATING_ANSWER, Action.RATING_MODERATE)
def add_note(
    request_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NoteForm, Form()]
) -> Response:
    """Answer, hide or show; a refusal is shown on the page."""
    entry = session.get_one(ResourceEntry, rating(session, actor, request_id).resource_id)
    try:
        with session.begin_nested():
            if form.act not in set(Act) - {Act.RATED}:
                raise DirectoryError("DECISION_MISSING")
            note(session, actor, request_id, Act(form.act), form.words, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, entry, error)
    return RedirectResponse(f"{address_of(entry)}/ratings#rating-{request_id}", status_code=303)


def _page(
    request: Request, session: Session, actor: Actor, entry: ResourceEntry, error: DirectoryError | None = None
) -> HTMLResponse:
    found = ratings_of(session, actor, entry)
    return page_after(
        request,
        "ratings/ratings.html",
        error,
        title=shown_record(session, actor, entry).title,
        address=address_of(entry),
        ratings=found,
        aspects=ASPECTS,
        given_of={each.request_id: each.now for each in found.ratings},
    )
