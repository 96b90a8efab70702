"""Give and change a rating, answer it, hide its words and show them again; each in the caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.access.queries import locked
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.policy import require
from directory.ratings.models import Rating, RatingNote, RatingVersion
from directory.ratings.queries import rating
from directory.ratings.said import NewRating
from directory.ratings.states import ACT_NAMES, MOVES, STATE_NAMES, Act, State
from directory.resources.models import ResourceEntry
from directory.typed import require_words
from standards.crypto import digest_hex


def give(session: Session, actor: Actor, request_id: UUID, given: NewRating, now: datetime) -> Rating:
    """Rate what arrived under one of the department's own requests, or change that rating; what was before stays.

    Raises ``FORBIDDEN``, ``REQUEST_NOT_FOUND``, ``RATING_NOT_USED``.
    """
    require(actor, Action.RATING_GIVE, actor.org_code)
    request = locked(session, actor, request_id)  # two of one department wait for each other here
    if request.requester_org != actor.org_code or request.arrived_at is None:
        raise DirectoryError("RATING_NOT_USED")
    row = session.get(Rating, request_id)
    if row is None:
        row = Rating(
            request_id=request_id,
            resource_id=request.resource_id,
            org_code=actor.org_code,
            version=1,
            state=State.SHOWN.value,
        )
        session.add(row)
        session.flush()
    else:
        row.version += 1
    session.add(
        RatingVersion(
            request_id=request_id,
            version=row.version,
            quality=given.quality,
            timeliness=given.timeliness,
            usefulness=given.usefulness,
            words=given.words.strip(),
            by=actor.account_id,
            by_name=actor.display_name,
            at=now,
        )
    )
    session.flush()
    details: Details = {
        "version": row.version,
        "quality": given.quality,
        "timeliness": given.timeliness,
        "usefulness": given.usefulness,
    }
    record(session, actor, "rating:give", str(request_id), details=details, at=now)
    return row


def note(session: Session, actor: Actor, request_id: UUID, act: Act, words: str, now: datetime) -> Rating:
    """Answer a rating as its provider, or hide and show its words as the office; every one with its reason.

    Raises ``RATING_NOT_FOUND``, ``RATING_MOVE_ILLEGAL``, ``FORBIDDEN``, ``RATING_OWN``, ``COMMENT_REQUIRED``.
    """
    row = rating(session, actor, request_id, lock=True)
    provider = session.get_one(ResourceEntry, row.resource_id).org_code
    state = MOVES[row.state].get(act)
    if state is None or act is Act.RATED:
        legal = "、".join(ACT_NAMES[each] for each in MOVES[row.state] if each != Act.RATED)
        raise DirectoryError("RATING_MOVE_ILLEGAL", act=ACT_NAMES[act], state=STATE_NAMES[row.state], legal=legal)
    if act is Act.ANSWERED:
        require(actor, Action.RATING_ANSWER, provider)
    else:
        require(actor, Action.RATING_MODERATE, None)
        if actor.org_code == provider:
            raise DirectoryError("RATING_OWN")
    require_words(words)
    last = session.scalar(select(func.max(RatingNote.seq)).where(RatingNote.request_id == request_id))
    session.add(
        RatingNote(
            request_id=request_id,
            seq=(last or 0) + 1,
            act=act.value,
            words=words.strip(),
            by=actor.account_id,
            by_name=actor.display_name,
            org_name=actor.org_name,
            at=now,
        )
    )
    row.state = state.value
    session.flush()
    details: Details = {"state": row.state, "words_digest": digest_hex(words.strip().encode())}
    record(session, actor, f"rating:{act.value}", str(request_id), details=details, at=now)
    return row
