"""The page of standing consents: what stands, what was revoked, and signing another."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access import consents
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/consents"
Words = Annotated[str, Form(max_length=2000)]


@router.get(PATH)
@governed_by(Action.CONSENT_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The consents of the reader's department, and the form for one more."""
    return _page(request, session, actor)


@router.post(PATH)
@governed_by(Action.CONSENT_SIGN)
def sign(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    resource: Annotated[str, Form()] = "",
    words: Words = "",
    is_backflow: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Sign one; a refusal stands at the form, with what was typed."""
    try:
        with session.begin_nested():
            consents.sign(session, actor, resource, words, datetime.now(UTC), is_backflow=is_backflow == "yes")
    except DirectoryError as error:
        return _page(request, session, actor, error, resource=resource, words=words, is_backflow=is_backflow)
    return RedirectResponse(PATH, status_code=303)


@router.post(PATH + "/{consent_id}")
@governed_by(Action.CONSENT_SIGN)
def revoke(consent_id: UUID, request: Request, session: DbSession, actor: CurrentActor, words: Words = "") -> Response:
    """Revoke one, with its reason."""
    try:
        with session.begin_nested():
            consents.revoke(session, actor, consent_id, words, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, error, revoking=consent_id, words=words)
    return RedirectResponse(PATH, status_code=303)


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    error: DirectoryError | None = None,
    *,
    resource: str = "",
    words: str = "",
    revoking: UUID | None = None,
    is_backflow: str = "",
) -> HTMLResponse:
    return page_after(
        request,
        "access/consents.html",
        error,
        consents=consents.consents(session, actor),
        signable=consents.signable(session, actor),
        returnable=consents.signable(session, actor, is_backflow=True),
        is_backflow="yes" if is_backflow == "yes" else "",
        resource=resource,
        words=words,
        revoking=revoking,
    )
