"""Pages of objections: the list, raising one, one with its level, steps, papers and term."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.lines import lines as request_lines
from directory.access.queries import request_rows
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.corrections.queries import correction
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.matters.pages import act_in, list_page, matter_page, paper_taken, step_taken, terms_page
from directory.matters.views import lines
from directory.objections import api, decide
from directory.objections.queries import objection, objections
from directory.objections.said import NewObjection, Said
from directory.objections.states import ACT_HINTS, ACT_NAMES, OUTCOME_NAMES, TOPICS, Act, Outcome, Topic
from directory.objections.views import objection_lines, view
from directory.policy import allows, require
from directory.resources.queries import find, shown_record
from directory.typed import id_in, lengths
from directory.web.render import form_page

router = APIRouter(prefix="/objections", include_in_schema=False)

_TERM_NOTE: Final = "条例没有为异议规定答复期限；本系统参照校核答复的 10 个工作日提醒和督办，不按违规情形归档。"
_LONGEST: Final = {"words": 2000, "wish": 2000}
_FIELD_OF: Final = {
    "MATTER_WORDS_EMPTY": "words",
    "OBJECTION_CORRECTION": "topic",
    "OBJECTION_IS_DISPUTE": "request",
    "OBJECTION_PARTY": "topic",
    "OBJECTION_REQUEST": "request",
    "REQUEST_NOT_FOUND": "request",
    "RESOURCE_NOT_FOUND": "resource",
}


class NewForm(BaseModel):
    """The form of an objection, as it was sent."""

    model_config = ConfigDict(frozen=True)

    topic: Annotated[str, Form()] = ""
    resource: Annotated[str, Form()] = ""
    request: Annotated[str, Form()] = ""
    correction: Annotated[str, Form()] = ""
    words: Annotated[str, Form()] = ""
    wish: Annotated[str, Form()] = ""


class StepForm(BaseModel):
    """The decision form, as it was sent."""

    model_config = ConfigDict(frozen=True)

    to: Annotated[str, Form(max_length=20)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    outcome: Annotated[str, Form(max_length=20)] = ""


@router.get("")
@governed_by(Action.OBJECTION_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The objections the reader sees."""
    require(actor, Action.OBJECTION_READ, actor.org_code)
    found = objection_lines(session, objections(session, actor), shanghai_today())
    return list_page(request, session, "objections/list.html", found)


@router.get("/new")
@governed_by(Action.OBJECTION_RAISE)
def show_form(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    topic: Annotated[str, Query(max_length=20)] = "",
    resource: Annotated[str, Query(max_length=100)] = "",
    about: Annotated[str, Query(max_length=36)] = "",
    correction: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    """The form; what led here is filled in (``about`` is a request)."""
    require(actor, Action.OBJECTION_RAISE, actor.org_code)
    form = NewForm(topic=topic, resource=resource, request=about, correction=correction)
    return _form_page(request, session, actor, form)


@router.post("/new")
@governed_by(Action.OBJECTION_RAISE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NewForm, Form()]) -> Response:
    """Raise it; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.OBJECTION_RAISE, actor.org_code)
    faults = lengths(form, _LONGEST)
    if form.topic not in set(Topic):
        faults["topic"] = "请选择哪一类异议"
    if not form.words.strip():
        faults["words"] = "请写明不认可什么、依据是什么"
    asked_of, corrected = id_in(form.request), id_in(form.correction)
    if not asked_of and not corrected and not form.resource.strip():
        faults["resource"] = "请填写目录，或选一份申请"
    if faults:
        return _form_page(request, session, actor, form, faults)
    asked = NewObjection.model_construct(
        topic=Topic(form.topic),
        resource=form.resource.strip(),
        request=asked_of,
        correction=corrected,
        words=form.words,
        wish=form.wish,
    )
    try:
        with session.begin_nested():
            made = decide.raise_objection(session, actor, asked, datetime.now(UTC))
    except DirectoryError as error:
        if error.code not in _FIELD_OF:
            raise
        faults = {_FIELD_OF[error.code]: error.in_words}
        return _form_page(request, session, actor, form, faults, error.status)
    return RedirectResponse(f"/objections/{made.id}", status_code=303)


@router.get("/{objection_id}")
@governed_by(Action.OBJECTION_READ)
def show(objection_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One objection."""
    return _page(request, session, actor, objection_id)


@router.post("/{objection_id}")
@governed_by(*api.DECIDING)
def move(
    objection_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[StepForm, Form()]
) -> Response:
    """Take a step; a refusal is shown beside the form, with what was typed."""
    is_answer = form.to == Act.ANSWERED and form.outcome in set(Outcome)
    said = Said(comment=form.comment, outcome=Outcome(form.outcome) if is_answer else None)
    return step_taken(
        session,
        lambda: decide.decide(session, actor, objection_id, act_in(Act, form.to), datetime.now(UTC), said),
        lambda error: _page(request, session, actor, objection_id, form, error),
        f"/objections/{objection_id}",
    )


@router.post("/{objection_id}/papers")
@governed_by(Action.OBJECTION_ANSWER, Action.OBJECTION_RAISE)
def attach(
    objection_id: UUID, request: Request, session: DbSession, actor: CurrentActor, file: UploadFile | None = None
) -> Response:
    """Add a paper; a refusal is shown at the form."""
    return paper_taken(
        session,
        file,
        lambda name, data: decide.add_paper(session, actor, objection_id, name, data, datetime.now(UTC)),
        lambda error: _page(request, session, actor, objection_id, paper_error=error),
        f"/objections/{objection_id}",
    )


@router.get("/{objection_id}/files/{file_id}")
@governed_by(Action.OBJECTION_READ)
def download(objection_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper, to be saved."""
    return api.download(objection_id, file_id, session, actor)


@router.get("/{objection_id}/terms")
@governed_by(Action.OBJECTION_READ)
def show_terms(objection_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """时限证据单, which says that the days are not the law's."""
    return terms_page(request, session, objection(session, actor, objection_id).matter)


def _form_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: NewForm,
    faults: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    corrected = id_in(form.correction)
    about = lines(session, [correction(session, actor, corrected).matter], shanghai_today())[0] if corrected else None
    sees_requests = allows(actor, Action.REQUEST_READ, actor.org_code)
    rows = [row for row in request_rows(session, actor) if row.first_submitted_at] if sees_requests else []
    return form_page(
        request,
        "objections/new.html",
        faults,
        status,
        form=form,
        topics=TOPICS,
        correction=about,
        title=_title(session, actor, form.resource),
        requests=request_lines(session, rows, shanghai_today()),
    )


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    objection_id: UUID,
    form: StepForm | None = None,
    error: DirectoryError | None = None,
    paper_error: DirectoryError | None = None,
) -> HTMLResponse:
    return matter_page(
        request,
        session,
        "objections/objection.html",
        error,
        paper_error,
        view=view(session, actor, objection_id, shanghai_today()),
        form=form or StepForm(),
        hints=ACT_HINTS,
        names=ACT_NAMES,
        outcomes=OUTCOME_NAMES,
        term_note=_TERM_NOTE,
    )


def _title(session: Session, actor: Actor, ref: str) -> str:
    """What the entry is called, where what was filled in names one."""
    try:
        return shown_record(session, actor, find(session, actor, ref)).title if ref.strip() else ""
    except DirectoryError:
        return ""
