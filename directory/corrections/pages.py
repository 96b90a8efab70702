"""Pages of corrections: the list, raising one, one with its steps, notices, papers and term."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.corrections import api, decide
from directory.corrections.queries import correction, corrections
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import ACT_HINTS, ACT_NAMES, Act
from directory.corrections.views import view
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.matters.pages import (
    act_in,
    list_page,
    matter_page,
    paper_taken,
    step_taken,
    terms_page,
)
from directory.matters.views import lines
from directory.policy import require
from directory.resources.queries import find, published_record
from directory.typed import day_in, lengths, number_in
from directory.web.render import form_page

router = APIRouter(prefix="/corrections", include_in_schema=False)

_TERM_NOTE: Final = (
    "收到当日不计，次日起 10 个工作日内核实、更正并反馈（条例第 26 条）；逾期未核实更正的属第 39 条情形。"
)
_LONGEST: Final = {"words": 2000, "record_keys": 2000}
_FIELD_OF: Final = {"ITEM_UNKNOWN": "items", "MATTER_WORDS_EMPTY": "words"}


class NewForm(BaseModel):
    """The form of a correction, as it was sent."""

    model_config = ConfigDict(frozen=True)

    resource: Annotated[str, Form()] = ""
    items: Annotated[list[str], Form()] = []
    words: Annotated[str, Form()] = ""
    record_keys: Annotated[str, Form()] = ""
    record_count: Annotated[str, Form()] = ""


class StepForm(BaseModel):
    """The decision form, as it was sent."""

    model_config = ConfigDict(frozen=True)

    to: Annotated[str, Form(max_length=20)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    corrected_from_on: Annotated[str, Form(max_length=20)] = ""
    corrected_from_batch: Annotated[str, Form(max_length=12)] = ""
    to_org: Annotated[str, Form(max_length=32)] = ""


@router.get("")
@governed_by(Action.CORRECTION_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The corrections the reader sees."""
    require(actor, Action.CORRECTION_READ, actor.org_code)
    return list_page(
        request, session, "corrections/list.html", lines(session, corrections(session, actor), shanghai_today())
    )


@router.get("/new")
@governed_by(Action.CORRECTION_RAISE)
def show_form(
    request: Request, session: DbSession, actor: CurrentActor, resource: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The form for one entry; without one, where to find it."""
    require(actor, Action.CORRECTION_RAISE, actor.org_code)
    return _form_page(request, session, actor, NewForm(resource=resource))


@router.post("/new")
@governed_by(Action.CORRECTION_RAISE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NewForm, Form()]) -> Response:
    """Raise it; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.CORRECTION_RAISE, actor.org_code)
    count = number_in(form.record_count)
    faults = lengths(form, _LONGEST)
    if form.record_count.strip() and not count:
        faults["record_count"] = "填写大于 0 的整数，或不填"
    if not form.words.strip():
        faults["words"] = "请写明哪里不对、依据是什么"
    if faults:
        return _form_page(request, session, actor, form, faults)
    asked = NewCorrection.model_construct(
        resource=form.resource,
        items=tuple(form.items),
        words=form.words,
        record_keys=form.record_keys,
        record_count=count,
    )
    try:
        with session.begin_nested():
            made = decide.raise_correction(session, actor, asked, datetime.now(UTC))
    except DirectoryError as error:
        if error.code not in {*_FIELD_OF, "CORRECTION_OWN"}:
            raise
        return _form_page(
            request, session, actor, form, {_FIELD_OF.get(error.code, "items"): error.in_words}, error.status
        )
    return RedirectResponse(f"/corrections/{made.id}", status_code=303)


@router.get("/{correction_id}")
@governed_by(Action.CORRECTION_READ)
def show(correction_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One correction."""
    return _page(request, session, actor, correction_id)


@router.post("/{correction_id}")
@governed_by(*api.DECIDING)
def move(
    correction_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[StepForm, Form()]
) -> Response:
    """Take a step; a refusal is shown beside the form, with what was typed."""
    return step_taken(
        session,
        lambda: decide.decide(session, actor, correction_id, act_in(Act, form.to), datetime.now(UTC), _said_of(form)),
        lambda error: _page(request, session, actor, correction_id, form, error),
        f"/corrections/{correction_id}",
    )


@router.post("/{correction_id}/papers")
@governed_by(Action.CORRECTION_ANSWER, Action.CORRECTION_RAISE)
def attach(
    correction_id: UUID, request: Request, session: DbSession, actor: CurrentActor, file: UploadFile | None = None
) -> Response:
    """Add evidence; a refusal is shown at the form."""
    return paper_taken(
        session,
        file,
        lambda name, data: decide.add_paper(session, actor, correction_id, name, data, datetime.now(UTC)),
        lambda error: _page(request, session, actor, correction_id, paper_error=error),
        f"/corrections/{correction_id}",
    )


@router.get("/{correction_id}/files/{file_id}")
@governed_by(Action.CORRECTION_READ)
def download(correction_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper, to be saved."""
    return api.download(correction_id, file_id, session, actor)


@router.get("/{correction_id}/terms")
@governed_by(Action.CORRECTION_READ)
def show_terms(correction_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """时限证据单."""
    return terms_page(request, session, correction(session, actor, correction_id).matter)


def _form_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: NewForm,
    faults: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    record = published_record(session, find(session, actor, form.resource)) if form.resource else None
    return form_page(
        request,
        "corrections/new.html",
        faults,
        status,
        record=record,
        form=form,
    )


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    correction_id: UUID,
    form: StepForm | None = None,
    error: DirectoryError | None = None,
    paper_error: DirectoryError | None = None,
) -> HTMLResponse:
    return matter_page(
        request,
        session,
        "corrections/correction.html",
        error,
        paper_error,
        view=view(session, actor, correction_id, shanghai_today()),
        form=form or StepForm(),
        hints=ACT_HINTS,
        names=ACT_NAMES,
        term_note=_TERM_NOTE,
    )


def _said_of(form: StepForm) -> Said:
    """What the form says with its step; what belongs to its other choices is passed over."""
    is_corrected = form.to == Act.CORRECTED
    return Said(
        comment=form.comment,
        corrected_from_on=day_in(form.corrected_from_on) if is_corrected else None,
        corrected_from_batch=(number_in(form.corrected_from_batch) or None) if is_corrected else None,
        to_org=form.to_org if form.to == Act.FORWARDED else "",
    )
