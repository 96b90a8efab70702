"""Pages of filed situations: the list, filing one, one of them."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.organisations.names import organisation_names
from directory.policy import NOWHERE, allows, require
from directory.situations import file
from directory.situations.codes import PROVIDERS, article, situations
from directory.situations.file import Found
from directory.situations.queries import OUTCOMES, situation_rows
from directory.situations.views import view, views
from directory.web.render import page, page_after

router = APIRouter(prefix="/situations", include_in_schema=False)

_FIELDS: Final = {
    "COMMENT_REQUIRED": "words",
    "REQUEST_NOT_FOUND": "request_id",
    "SITUATION_MISSING": "code",
    "SITUATION_OUTCOME": "outcome",
    "SITUATION_ORG": "org_code",
    "SITUATION_UNKNOWN": "code",
}


class FilingForm(BaseModel):
    """A situation as the form was sent; ``request_id`` may be the address of the request's page."""

    model_config = ConfigDict(frozen=True)

    code: Annotated[str, Form(max_length=2)] = ""
    org_code: Annotated[str, Form(max_length=32)] = ""
    request_id: Annotated[str, Form(max_length=200)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""


class WordForm(BaseModel):
    """What is said of one, as the form was sent."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form(max_length=10)] = ""
    outcome: Annotated[str, Form(max_length=20)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""


@router.get("")
@governed_by(Action.SITUATION_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """What was filed of the reader's department or by it; for those who supervise, all."""
    require(actor, Action.SITUATION_READ, actor.org_code)
    found = views(session, actor, situation_rows(session, actor))
    return page(
        request,
        "situations/list.html",
        running=[each for each in found if each.status != "closed"],
        closed=[each for each in found if each.status == "closed"],
    )


@router.get("/new")
@governed_by(Action.SITUATION_FILE)
def show_form(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    code: Annotated[str, Query(max_length=2)] = "",
    org: Annotated[str, Query(max_length=32)] = "",
    about: Annotated[str, Query(max_length=36, description="申请编号")] = "",
) -> Response:
    """The form, with what led here filled in."""
    require(actor, Action.SITUATION_FILE, actor.org_code)
    return _form_page(request, session, actor, FilingForm(code=code, org_code=org, request_id=about))


@router.post("/new")
@governed_by(Action.SITUATION_FILE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[FilingForm, Form()]) -> Response:
    """File it; a refusal stands beside its field, and what was typed stays."""
    require(actor, Action.SITUATION_FILE, actor.org_code)
    try:
        if not form.code:
            raise DirectoryError("SITUATION_MISSING")
        found = Found(form.code, form.words, form.org_code, _asked(form.request_id))
        with session.begin_nested():
            made = file.file_situation(session, actor, found, datetime.now(UTC))
    except DirectoryError as error:
        return _form_page(request, session, actor, form, error)
    return RedirectResponse(f"/situations/{made.id}", status_code=303)


@router.get("/{situation_id}")
@governed_by(Action.SITUATION_READ)
def show(situation_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One situation: what was found, what was said, and what the reader may do."""
    return _situation_page(request, session, actor, situation_id)


@router.post("/{situation_id}")
@governed_by(Action.SITUATION_ANSWER, Action.SITUATION_CLOSE)
def say(
    situation_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[WordForm, Form()]
) -> Response:
    """Answer or close; a refusal is shown on the page, with what was typed."""
    try:
        with session.begin_nested():
            _say(session, actor, situation_id, form, datetime.now(UTC))
    except DirectoryError as error:
        return _situation_page(request, session, actor, situation_id, form, error)
    return RedirectResponse(f"/situations/{situation_id}", status_code=303)


def _say(session: Session, actor: Actor, situation_id: UUID, form: WordForm, now: datetime) -> None:
    if form.act == "answer":
        file.answer(session, actor, situation_id, form.words, now)
    elif form.act == "close":
        file.close(session, actor, situation_id, form.outcome, form.words, now)
    else:
        raise DirectoryError("DECISION_MISSING")


def _form_page(
    request: Request, session: Session, actor: Actor, form: FilingForm, error: DirectoryError | None = None
) -> HTMLResponse:
    request_id = _asked(form.request_id, is_strict=False)
    try:
        asked = request_row(session, actor, request_id) if request_id else None
    except DirectoryError:
        asked = None
    is_office = allows(actor, Action.SITUATION_FILE, NOWHERE)
    names = organisation_names(session)
    own_side = {} if asked is None else {PROVIDERS: asked.provider_org, "C": asked.requester_org}
    return page_after(
        request,
        "situations/form.html",
        error,
        form=form,
        asked=asked,
        sides={side: names[code] for side, code in own_side.items()},
        codes={code: (name, article(code)) for code, name in situations().items()},
        departments=sorted((code, name) for code, name in names.items() if code != actor.org_code) if is_office else (),
        error_field=_FIELDS.get(error.code, "") if error else "",
    )


def _situation_page(
    request: Request,
    session: Session,
    actor: Actor,
    situation_id: UUID,
    form: WordForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    return page_after(
        request,
        "situations/situation.html",
        error,
        view=view(session, actor, situation_id),
        form=form or WordForm(),
        outcomes=OUTCOMES,
        error_field=_FIELDS.get(error.code, "") if error else "",
    )


def _asked(text: str, *, is_strict: bool = True) -> UUID | None:
    """The request of an id, or of the address of its page, which is what a person can copy."""
    if not text.strip():
        return None
    _, is_address, after = text.rpartition("/requests/")
    try:
        return UUID((after if is_address else text).strip().split("/")[0].split("?")[0].split("#")[0])
    except ValueError:
        if is_strict:
            raise DirectoryError("REQUEST_NOT_FOUND", request_id=text[:36]) from None
        return None
