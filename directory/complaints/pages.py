"""Pages of complaints: the list, complaining, entering one that came on paper, one as its reader may see it."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.complaints import api, decide
from directory.complaints.said import NewComplaint, PaperComplaint, Said
from directory.complaints.states import ACT_HINTS, ACT_NAMES, TOPIC_NAMES, Act, Topic
from directory.complaints.views import complaint_lines, statistics, view
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.matters.pages import act_in, list_page, matter_page, paper_taken, step_taken
from directory.organisations.queries import open_organisations
from directory.policy import allows, require
from directory.typed import day_in, lengths
from directory.web.render import form_page

router = APIRouter(prefix="/complaints", include_in_schema=False)

_LONGEST: Final = {"words": 2000, "name": 100, "contact": 200}
_FIELD_OF: Final = {"COMPLAINT_DAY": "received_on", "MATTER_WORDS_EMPTY": "words", "ORGANISATION_UNKNOWN": "about_org"}


class NewForm(BaseModel):
    """The form of a complaint, as it was sent; the last three come with a paper's."""

    model_config = ConfigDict(frozen=True)

    topic: Annotated[str, Form()] = ""
    about_org: Annotated[str, Form()] = ""
    words: Annotated[str, Form()] = ""
    name: Annotated[str, Form()] = ""
    contact: Annotated[str, Form()] = ""
    received_on: Annotated[str, Form()] = ""


class StepForm(BaseModel):
    """The decision form, as it was sent."""

    model_config = ConfigDict(frozen=True)

    to: Annotated[str, Form(max_length=20)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    to_org: Annotated[str, Form(max_length=32)] = ""


@router.get("")
@governed_by(Action.COMPLAINT_RAISE)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The reader's own, those their department is to look into, and for the office all, with the year's counts."""
    handles = allows(actor, Action.COMPLAINT_HANDLE, actor.org_code)
    return list_page(
        request,
        session,
        "complaints/list.html",
        complaint_lines(session, actor, shanghai_today()),
        statistics=statistics(session, shanghai_today().year) if handles else None,
    )


@router.get("/new")
@governed_by(Action.COMPLAINT_RAISE)
def show_form(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The form."""
    return _form_page(request, session, actor, NewForm(), is_paper=False)


@router.post("/new")
@governed_by(Action.COMPLAINT_RAISE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NewForm, Form()]) -> Response:
    """Complain; what is refused stands beside its field, and what was typed stays."""
    return _send(request, session, actor, form, is_paper=False)


@router.get("/paper")
@governed_by(Action.COMPLAINT_HANDLE)
def show_paper_form(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The form for what came on paper."""
    require(actor, Action.COMPLAINT_HANDLE, None)
    return _form_page(request, session, actor, NewForm(received_on=shanghai_today().isoformat()), is_paper=True)


@router.post("/paper")
@governed_by(Action.COMPLAINT_HANDLE)
def send_paper(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NewForm, Form()]) -> Response:
    """Enter what came on paper."""
    require(actor, Action.COMPLAINT_HANDLE, None)
    return _send(request, session, actor, form, is_paper=True)


@router.get("/{complaint_id}")
@governed_by(Action.COMPLAINT_RAISE)
def show(complaint_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One complaint, as far as it is the reader's to see."""
    return _page(request, session, actor, complaint_id)


@router.post("/{complaint_id}")
@governed_by(Action.COMPLAINT_HANDLE, Action.COMPLAINT_RAISE, Action.COMPLAINT_REPORT)
def move(
    complaint_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[StepForm, Form()]
) -> Response:
    """Take a step; a refusal is shown beside the form, with what was typed."""
    said = Said(comment=form.comment, to_org=form.to_org if form.to == Act.ASSIGNED else "")
    return step_taken(
        session,
        lambda: decide.decide(session, actor, complaint_id, act_in(Act, form.to), datetime.now(UTC), said),
        lambda error: _page(request, session, actor, complaint_id, form, error),
        f"/complaints/{complaint_id}",
    )


@router.post("/{complaint_id}/papers")
@governed_by(Action.COMPLAINT_RAISE)
def attach(
    complaint_id: UUID, request: Request, session: DbSession, actor: CurrentActor, file: UploadFile | None = None
) -> Response:
    """Add evidence; a refusal is shown at the form."""
    return paper_taken(
        session,
        file,
        lambda name, data: decide.add_paper(session, actor, complaint_id, name, data, datetime.now(UTC)),
        lambda error: _page(request, session, actor, complaint_id, paper_error=error),
        f"/complaints/{complaint_id}",
    )


@router.get("/{complaint_id}/files/{file_id}")
@governed_by(Action.COMPLAINT_RAISE)
def download(complaint_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper, to be saved."""
    return api.download(complaint_id, file_id, session, actor)


def _send(request: Request, session: Session, actor: Actor, form: NewForm, *, is_paper: bool) -> Response:
    faults = lengths(form, _LONGEST)
    if form.topic not in set(Topic):
        faults["topic"] = "请选择反映什么"
    if not form.words.strip():
        faults["words"] = "请写明情况"
    received_on = day_in(form.received_on)
    if is_paper and received_on is None:
        faults["received_on"] = "请填写收到日期，如 2026-03-01"
    if faults:
        return _form_page(request, session, actor, form, faults, is_paper=is_paper)
    now = datetime.now(UTC)
    topic, about, words = Topic(form.topic), form.about_org, form.words
    try:
        with session.begin_nested():
            if received_on is not None and is_paper:
                paper = PaperComplaint.model_construct(
                    topic=topic,
                    about_org=about,
                    words=words,
                    name=form.name,
                    contact=form.contact,
                    received_on=received_on,
                )
                made = decide.enter_paper(session, actor, paper, now)
            else:
                said = NewComplaint.model_construct(topic=topic, about_org=about, words=words)
                made = decide.complain(session, actor, said, now)
    except DirectoryError as error:
        if error.code not in _FIELD_OF:
            raise
        faults = {_FIELD_OF[error.code]: error.in_words}
        return _form_page(request, session, actor, form, faults, error.status, is_paper=is_paper)
    return RedirectResponse(f"/complaints/{made.id}", status_code=303)


def _form_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: NewForm,
    faults: dict[str, str] | None = None,
    status: int = 422,
    *,
    is_paper: bool,
) -> HTMLResponse:
    require(actor, Action.COMPLAINT_RAISE, actor.org_code)
    return form_page(
        request,
        "complaints/new.html",
        faults,
        status,
        form=form,
        topics=TOPIC_NAMES,
        departments=open_organisations(session),
        is_paper=is_paper,
    )


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    complaint_id: UUID,
    form: StepForm | None = None,
    error: DirectoryError | None = None,
    paper_error: DirectoryError | None = None,
) -> HTMLResponse:
    return matter_page(
        request,
        session,
        "complaints/complaint.html",
        error,
        paper_error,
        view=view(session, actor, complaint_id, shanghai_today()),
        form=form or StepForm(),
        hints=ACT_HINTS,
        names=ACT_NAMES,
        departments=open_organisations(session),
        term_note="",
    )
