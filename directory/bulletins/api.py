"""Bulletins for programs."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from directory.actions import Action
from directory.actors import CurrentActor
from directory.bulletins import queries
from directory.bulletins.counting import Kind
from directory.bulletins.queries import BulletinDay, Bulletins
from directory.db import DbSession
from directory.declared import governed_by
from directory.limits import LIMITS

router = APIRouter(prefix="/bulletins", tags=["bulletins"])

Size = Annotated[int, Query(ge=1, le=LIMITS.list_count)]


@router.get("")
@governed_by(Action.RESOURCE_READ)
def browse(
    session: DbSession, actor: CurrentActor, size: Size = LIMITS.page_count, before: date | None = None
) -> Bulletins:
    """The days on which the catalogue changed for everybody (Art. 16), the latest first, each with its numbers."""
    return queries.bulletins(session, size=size, before=before)


@router.get("/{day}")
@governed_by(Action.RESOURCE_READ)
def show(
    day: date,
    session: DbSession,
    actor: CurrentActor,
    kind: Kind | None = None,
    size: Size = LIMITS.page_count,
    after: Annotated[str, Query(max_length=120)] = "",
) -> BulletinDay:
    """What was published, changed, suspended, resumed and withdrawn on one day, the latest first."""
    return queries.bulletin(session, actor, day, kind=kind, size=size, after=after)
