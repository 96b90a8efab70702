"""Comments and papers of requests for programs."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel, ConfigDict

from directory.access import comments
from directory.access.comments import Talk
from directory.access.said import Words
from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.papers import Paper, paper_of, saved_as

router = APIRouter(tags=["access"])


class NewComment(BaseModel):
    """Something said about a request."""

    model_config = ConfigDict(extra="forbid")

    words: Words


@router.get("/requests/{request_id}/comments")
@governed_by(Action.REQUEST_READ)
def show(request_id: UUID, session: DbSession, actor: CurrentActor) -> Talk:
    """Comments and papers, oldest first; what was said before submission only to the requester's own department."""
    return comments.talk(session, actor, request_id)


@router.post("/requests/{request_id}/comments", status_code=201)
@governed_by(Action.REQUEST_COMMENT)
def write(request_id: UUID, body: NewComment, session: DbSession, actor: CurrentActor) -> Talk:
    """Say something; it stays, and moves nothing."""
    comments.write(session, actor, request_id, body.words, datetime.now(UTC))
    return comments.talk(session, actor, request_id)


@router.post("/requests/{request_id}/files", status_code=201)
@governed_by(Action.REQUEST_COMMENT)
def attach(request_id: UUID, session: DbSession, actor: CurrentActor, file: UploadFile) -> Paper:
    """Add a paper: PDF, OFD, DOCX, JPEG or PNG."""
    made = comments.attach(session, actor, request_id, file.filename or "", file.file.read(), datetime.now(UTC))
    return paper_of(made)


@router.get(
    "/requests/{request_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.REQUEST_READ)
def download(request_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """The paper as it came, to be saved and never shown by the browser."""
    return saved_as(comments.paper(session, actor, request_id, file_id))
