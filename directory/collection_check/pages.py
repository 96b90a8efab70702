"""Pages of the check of planned forms: what was checked, the form that begins one, and the report."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.collection_check.check import Planned, check, fields_of
from directory.collection_check.queries import checks, one
from directory.collection_check.verdicts import VERDICT_NAMES
from directory.collection_check.views import lines, view
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.errors import DirectoryError
from directory.item_match.queries import MOST_WANTED
from directory.web.render import page, page_after

router = APIRouter(prefix="/collection-checks", include_in_schema=False)

_OWN = "only the reader's own department's checks; the office sees all"
_MOST_TITLE, _MOST_PURPOSE, _MOST_FIELDS = 200, 2000, 200_000


@router.get("")
@open_to_signed_in(_OWN)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The form, and the checks that were made."""
    return _list_page(request, session, actor)


@router.post("")
@governed_by(Action.COLLECTION_CHECK)
def send(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    title: Annotated[str, Form()] = "",
    purpose: Annotated[str, Form()] = "",
    fields: Annotated[str, Form()] = "",
    file: UploadFile | str = "",
) -> Response:
    """Check the form and lead to the report; a refusal is said above, with what was typed."""
    typed = {"title": title, "purpose": purpose, "fields": fields}
    try:
        if len(title) > _MOST_TITLE or len(purpose) > _MOST_PURPOSE or len(fields) > _MOST_FIELDS:
            reason = f"名称最多 {_MOST_TITLE} 个字，用途最多 {_MOST_PURPOSE} 个字，采集项共最多 {_MOST_FIELDS} 个字"
            raise DirectoryError("COLLECTION_INVALID", reason=reason)
        data, name = (b"", "") if isinstance(file, str) else (file.file.read(), file.filename or "")
        with session.begin_nested():
            planned = Planned(title, purpose, fields_of(fields, data, name))
            made = check(session, actor, planned, datetime.now(UTC))
    except DirectoryError as error:
        return _list_page(request, session, actor, typed, error)
    return RedirectResponse(f"/collection-checks/{made.id}", status_code=303)


@router.get("/{check_id}")
@open_to_signed_in(_OWN)
def show(check_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The report, field by field."""
    shown = view(session, one(session, actor, check_id))
    return page(request, "collection_check/check.html", view=shown, names=VERDICT_NAMES)


def _list_page(
    request: Request,
    session: Session,
    actor: Actor,
    typed: dict[str, str] | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    return page_after(
        request,
        "collection_check/checks.html",
        error,
        checks=lines(session, checks(session, actor)),
        typed=typed or {"title": "", "purpose": "", "fields": ""},
        most=MOST_WANTED,
    )
