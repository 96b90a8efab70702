"""Ratings for programs."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.ratings.models import Rating
from directory.ratings.queries import Ratings, RatingView, ratings_of
from directory.ratings.rate import give, note
from directory.ratings.said import NewRating, Words
from directory.ratings.states import Act
from directory.resources.models import ResourceEntry
from directory.resources.queries import find

router = APIRouter(tags=["ratings"])

Ref = Annotated[str, Path(max_length=100)]


class NewNote(BaseModel):
    """An answer of the provider's, or the office's reason for hiding the words or showing them again."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["answered", "hidden", "shown"]
    words: Words


@router.get("/resources/{ref}/ratings")
@governed_by(Action.RESOURCE_READ)
def browse(ref: Ref, session: DbSession, actor: CurrentActor) -> Ratings:
    """How many departments gave each mark, and what they said; never an average."""
    return ratings_of(session, actor, find(session, actor, ref))


@router.put("/ratings/{request_id}")
@governed_by(Action.RATING_GIVE)
def rate(request_id: UUID, body: NewRating, session: DbSession, actor: CurrentActor) -> RatingView:
    """Rate what arrived under one of the caller's department's requests, or change that; the earlier one is kept."""
    return _shown(session, actor, give(session, actor, request_id, body, datetime.now(UTC)))


@router.post("/ratings/{request_id}/notes", status_code=201)
@governed_by(Action.RATING_ANSWER, Action.RATING_MODERATE)
def add_note(request_id: UUID, body: NewNote, session: DbSession, actor: CurrentActor) -> RatingView:
    """Answer as the provider, or hide the words and show them again as the office, with the reason."""
    return _shown(session, actor, note(session, actor, request_id, Act(body.act), body.words, datetime.now(UTC)))


def _shown(session: Session, actor: Actor, row: Rating) -> RatingView:
    found = ratings_of(session, actor, session.get_one(ResourceEntry, row.resource_id))
    return next(each for each in found.ratings if each.request_id == row.request_id)
