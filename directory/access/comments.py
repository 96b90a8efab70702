"""What is said about a request beside its steps, and its papers: who may say, who sees, what is taken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.access.comment_models import RequestComment, RequestFile
from directory.access.models import RequestRow
from directory.access.queries import locked, request_row
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.papers import Paper, paper_of, taken
from directory.policy import require
from directory.scanning import require_clean
from directory.typed import require_words
from standards.crypto import digest_hex


class Comment(BaseModel):
    """One comment. ``is_internal``: written before the request left its department, and seen only there."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    by: str
    organisation: str
    at: datetime
    words: str
    is_internal: bool


class Talk(BaseModel):
    """Comments and papers of a request, oldest first."""

    model_config = ConfigDict(frozen=True)

    comments: tuple[Comment, ...]
    files: tuple[Paper, ...]


def write(session: Session, actor: Actor, request_id: UUID, words: str, now: datetime) -> RequestComment:
    """Say something about a request, in any of its states.

    Raises ``REQUEST_NOT_FOUND``, ``FORBIDDEN``, ``COMMENT_REQUIRED``, ``COMMENTS_FULL``.
    """
    row = _open_to(session, actor, request_id)
    require_words(words)
    _require_room(session, RequestComment, row, LIMITS.comment_count)
    made = RequestComment(**_signed(row, actor, now), words=words.strip())
    session.add(made)
    session.flush()
    details = {"words_digest": digest_hex(made.words.encode())}
    record(session, actor, "request:comment", str(row.id), details=details, at=now)
    return made


def attach(session: Session, actor: Actor, request_id: UUID, name: str, data: bytes, now: datetime) -> RequestFile:
    """Add a paper; it is kept as it came and never opened.

    Raises as ``write``, and ``PAPER_EMPTY``, ``PAPER_LARGE``, ``PAPER_KIND`` where name and first bytes are of no kind
    that is taken, ``FILE_INFECTED`` and ``SCANNER_AWAY``.
    """
    row = _open_to(session, actor, request_id)
    document = taken(name, data)
    _require_room(session, RequestFile, row, LIMITS.paper_count)
    require_clean(session, data)
    made = RequestFile(
        **_signed(row, actor, now),
        name=document.name,
        size_bytes=len(data),
        sha256=document.sha256,
        data=data,
    )
    session.add(made)
    session.flush()
    details: Details = {"bytes": made.size_bytes, "sha256": made.sha256}
    record(session, actor, "request:attach", str(row.id), details=details, at=now)
    return made


def talk(session: Session, actor: Actor, request_id: UUID) -> Talk:
    """What this actor sees of it; raises ``REQUEST_NOT_FOUND``."""
    row = request_row(session, actor, request_id)
    said: Sequence[RequestComment] = session.scalars(
        select(RequestComment).where(RequestComment.request_id == row.id).order_by(RequestComment.at, RequestComment.id)
    ).all()
    kept: Sequence[RequestFile] = session.scalars(
        select(RequestFile).where(RequestFile.request_id == row.id).order_by(RequestFile.at, RequestFile.id)
    ).all()
    is_own = row.requester_org == actor.org_code
    return Talk(
        comments=tuple(comment_of(row, each) for each in said if is_own or not _is_internal(row, each)),
        files=tuple(paper_of(each) for each in kept),
    )


def paper(session: Session, actor: Actor, request_id: UUID, file_id: UUID) -> RequestFile:
    """A paper with its bytes, for whoever sees the request; raises ``REQUEST_NOT_FOUND``, ``PAPER_NOT_FOUND``."""
    row = request_row(session, actor, request_id)
    kept = session.get(RequestFile, file_id)
    if kept is None or kept.request_id != row.id:
        raise DirectoryError("PAPER_NOT_FOUND", file_id=file_id)
    return kept


def comment_of(row: RequestRow, each: RequestComment) -> Comment:
    """A comment as API and pages show it."""
    return Comment(
        id=each.id,
        by=each.by_name,
        organisation=each.org_name,
        at=each.at,
        words=each.words,
        is_internal=_is_internal(row, each),
    )


def _open_to(session: Session, actor: Actor, request_id: UUID) -> RequestRow:
    """The request, locked, so that two who write at once do not pass the limits together."""
    row = locked(session, actor, request_id)
    require(actor, Action.REQUEST_COMMENT, actor.org_code)
    return row


def _require_room(
    session: Session, kind: type[RequestComment] | type[RequestFile], row: RequestRow, limit: int
) -> None:
    held = session.scalar(select(func.count()).where(kind.request_id == row.id))
    if (held or 0) >= limit:
        raise DirectoryError("COMMENTS_FULL", limit=limit)


def _signed(row: RequestRow, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "request_id": row.id,
        "by": actor.account_id,
        "by_name": actor.display_name,
        "org_code": actor.org_code,
        "org_name": actor.org_name,
        "at": now,
    }


def _is_internal(row: RequestRow, each: RequestComment) -> bool:
    return row.first_submitted_at is None or each.at < row.first_submitted_at
