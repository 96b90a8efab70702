"""Adding comments and papers on a request's page, and handing papers out."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from directory.access import comments
from directory.access.pages import request_page
from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.line_breaks import typed_breaks
from directory.limits import LIMITS
from directory.papers import saved_as

router = APIRouter(include_in_schema=False)


@router.post("/requests/{request_id}/comments")
@governed_by(Action.REQUEST_COMMENT)
def write(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    words: Annotated[str, Form()] = "",
    file: UploadFile | None = None,
) -> Response:
    """Say something, add a paper, or both; a refusal is shown at the form with what was typed."""
    now, words = datetime.now(UTC), typed_breaks(words)
    has_file = file is not None and bool(file.filename)
    try:
        if len(words) > LIMITS.comment_characters:  # said here: a form with a file cannot be given back as it was
            raise DirectoryError("FORM_TEXT_LONG", most=LIMITS.comment_characters, count=len(words))
        with session.begin_nested():
            if file is not None and has_file:
                comments.attach(session, actor, request_id, file.filename or "", file.file.read(), now)
            if words.strip() or not has_file:
                comments.write(session, actor, request_id, words, now)
    except DirectoryError as error:
        return request_page(request, session, actor, request_id, remark=words, remark_error=error)
    return RedirectResponse(f"/requests/{request_id}#talk", status_code=303)


@router.get("/requests/{request_id}/files/{file_id}")
@governed_by(Action.REQUEST_READ)
def download(request_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """The paper, to be saved."""
    return saved_as(comments.paper(session, actor, request_id, file_id))
