"""Ratings of an entry: how many departments gave each mark, and what they said. Seen by whoever sees the entry."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import visible as sees_request
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.names import organisation_names
from directory.policy import NOWHERE, allows
from directory.ratings.models import Rating, RatingNote, RatingVersion
from directory.ratings.states import Act, State
from directory.resources.models import ResourceEntry
from directory.resources.queries import visible_to

MARKS: Final = (5, 4, 3, 2, 1)
ASPECTS: Final[Mapping[str, str]] = {"quality": "数据质量", "timeliness": "更新及时", "usefulness": "有用程度"}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Given(_View):
    """What was given at one time; the words empty where the office hid them."""

    version: int
    quality: int
    timeliness: int
    usefulness: int
    words: str
    by: str
    at: datetime


class Note(_View):
    """What was said of a rating: an answer of the provider's, or the office's reason."""

    act: str
    words: str
    by: str
    organisation: str
    at: datetime


class RatingView(_View):
    """One department's rating under one grant, its earlier versions, and what was said of it; ``acts`` are the
    reader's.
    """

    request_id: UUID
    org_code: str
    org_name: str
    is_hidden: bool
    now: Given
    earlier: tuple[Given, ...]
    notes: tuple[Note, ...]
    acts: tuple[str, ...]


class AspectCount(_View):
    """How many ratings gave each mark, from 5 to 1."""

    aspect: str
    name: str
    counts: tuple[int, ...]


class Ratings(_View):
    """The ratings of an entry: counts and each of them, never an average. ``rateable`` are the reader's department's
    requests that it may rate here.
    """

    total: int
    departments: int
    aspects: tuple[AspectCount, ...]
    ratings: tuple[RatingView, ...]
    rateable: tuple[UUID, ...]


def ratings_of(session: Session, actor: Actor, entry: ResourceEntry) -> Ratings:
    """Every rating of an entry that the caller found this actor to see, the newest first."""
    rows = session.execute(
        select(Rating, RatingVersion)
        .join(
            RatingVersion, (RatingVersion.request_id == Rating.request_id) & (RatingVersion.version == Rating.version)
        )
        .where(Rating.resource_id == entry.id)
        .order_by(RatingVersion.at.desc(), Rating.request_id)
        .limit(LIMITS.list_count)
    ).all()
    ids = [rating.request_id for rating, _ in rows]
    earlier, notes = _earlier(session, ids), _notes(session, ids)
    names = organisation_names(session, frozenset(rating.org_code for rating, _ in rows))
    return Ratings(
        total=len(rows),
        departments=len({rating.org_code for rating, _ in rows}),
        aspects=tuple(_counted(aspect, [now for _, now in rows]) for aspect in ASPECTS),
        ratings=tuple(
            _rating(actor, entry, rating, names, earlier[rating.request_id], notes.get(rating.request_id, ()))
            for rating, _ in rows
        ),
        rateable=_rateable(session, actor, entry.id),
    )


def rating(session: Session, actor: Actor, request_id: UUID, *, lock: bool = False) -> Rating:
    """The rating given under a request; ``RATING_NOT_FOUND``, also where the actor may not see the entry.

    Whoever may do something with it sees its entry: it is published, or theirs.
    """
    query = select(Rating).join(ResourceEntry, ResourceEntry.id == Rating.resource_id)
    query = query.where(Rating.request_id == request_id, visible_to(actor))
    if lock:
        query = query.with_for_update(of=Rating).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise DirectoryError("RATING_NOT_FOUND", request_id=request_id)
    return found


def _rateable(session: Session, actor: Actor, resource_id: UUID) -> tuple[UUID, ...]:
    if not allows(actor, Action.RATING_GIVE, actor.org_code):
        return ()
    query = select(RequestRow.id).where(
        sees_request(actor),
        RequestRow.resource_id == resource_id,
        RequestRow.requester_org == actor.org_code,
        RequestRow.arrived_at.is_not(None),
    )
    return tuple(session.scalars(query.order_by(RequestRow.created_at.desc(), RequestRow.id)))


def _counted(aspect: str, given: Sequence[RatingVersion]) -> AspectCount:
    marks = Counter(getattr(each, aspect) for each in given)
    return AspectCount(aspect=aspect, name=ASPECTS[aspect], counts=tuple(marks[mark] for mark in MARKS))


def _rating(
    actor: Actor,
    entry: ResourceEntry,
    row: Rating,
    names: Mapping[str, str],
    versions: Sequence[RatingVersion],
    notes: Sequence[RatingNote],
) -> RatingView:
    is_hidden = row.state == State.HIDDEN.value
    reads = not is_hidden or actor.org_code == row.org_code or allows(actor, Action.RATING_MODERATE, NOWHERE)
    given = [_given(each, reads=reads) for each in versions]
    return RatingView(
        request_id=row.request_id,
        org_code=row.org_code,
        org_name=names.get(row.org_code, row.org_code),
        is_hidden=is_hidden,
        now=given[0],
        earlier=tuple(given[1:]),
        notes=tuple(
            Note(act=each.act, words=each.words, by=each.by_name, organisation=each.org_name, at=each.at)
            for each in notes
        ),
        acts=tuple(_acts(actor, entry, row)),
    )


def _acts(actor: Actor, entry: ResourceEntry, row: Rating) -> list[str]:
    """What this account may do with it, by the table and who they are; nobody moderates what is said of their own."""
    found = []
    if actor.org_code == row.org_code and allows(actor, Action.RATING_GIVE, row.org_code):
        found.append(Act.RATED.value)
    is_provider = actor.org_code == entry.org_code
    may_answer = allows(actor, Action.RATING_ANSWER, entry.org_code)
    if is_provider and may_answer and row.state == State.SHOWN.value:
        found.append(Act.ANSWERED.value)
    if not is_provider and allows(actor, Action.RATING_MODERATE, NOWHERE):
        found.append(Act.HIDDEN.value if row.state == State.SHOWN.value else Act.SHOWN.value)
    return found


def _given(each: RatingVersion, *, reads: bool) -> Given:
    return Given(
        version=each.version,
        quality=each.quality,
        timeliness=each.timeliness,
        usefulness=each.usefulness,
        words=each.words if reads else "",
        by=each.by_name,
        at=each.at,
    )


def _earlier(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[RatingVersion]]:
    found: dict[UUID, list[RatingVersion]] = {each: [] for each in ids}
    query = select(RatingVersion).where(RatingVersion.request_id.in_(ids)).order_by(RatingVersion.version.desc())
    for each in session.scalars(query):
        found[each.request_id].append(each)
    return found


def _notes(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[RatingNote]]:
    found: dict[UUID, list[RatingNote]] = {}
    query = select(RatingNote).where(RatingNote.request_id.in_(ids)).order_by(RatingNote.request_id, RatingNote.seq)
    for each in session.scalars(query):
        found.setdefault(each.request_id, []).append(each)
    return found
