"""Pages of entrusting: the register, entering one, one of them."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.entrustments import enter
from directory.entrustments.enter import Act, Entrusted
from directory.entrustments.queries import ENDED, entrustment_rows
from directory.entrustments.views import ACT_NAMES, view, views
from directory.errors import DirectoryError
from directory.policy import require
from directory.typed import day_typed
from directory.web.render import page, page_after

router = APIRouter(prefix="/entrustments", include_in_schema=False)

_ACTS: Final = get_args(Act)


class EntrustmentForm(BaseModel):
    """An entrustment as the form was sent."""

    model_config = ConfigDict(frozen=True)

    contractor: Annotated[str, Form(max_length=200)] = ""
    contractor_code: Annotated[str, Form(max_length=18)] = ""
    work: Annotated[str, Form(max_length=1000)] = ""
    covers: Annotated[str, Form(max_length=1000)] = ""
    basis: Annotated[str, Form(max_length=500)] = ""
    since: Annotated[str, Form(max_length=20)] = ""
    until: Annotated[str, Form(max_length=20)] = ""


class SaidForm(BaseModel):
    """What is said of one, as the form was sent."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form(max_length=10)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""


@router.get("")
@governed_by(Action.ENTRUSTMENT_READ)
def browse(
    request: Request, session: DbSession, actor: CurrentActor, org: Annotated[str, Query(max_length=32)] = ""
) -> HTMLResponse:
    """What the reader's department entrusted; for those who supervise, what every department did."""
    require(actor, Action.ENTRUSTMENT_READ, actor.org_code)
    found = views(session, actor, entrustment_rows(session, actor, org), shanghai_today())
    return page(
        request,
        "entrustments/list.html",
        running=[each for each in found if each.status not in ENDED],
        ended=[each for each in found if each.status in ENDED],
    )


@router.get("/new")
@governed_by(Action.ENTRUSTMENT_ENTER)
def show_form(request: Request, actor: CurrentActor) -> Response:
    """The form."""
    require(actor, Action.ENTRUSTMENT_ENTER, actor.org_code)
    return _form_page(request, EntrustmentForm(since=shanghai_today().isoformat()))


@router.post("/new")
@governed_by(Action.ENTRUSTMENT_ENTER)
def send(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[EntrustmentForm, Form()]
) -> Response:
    """Enter it; a refusal stands at the head of the form, and what was typed stays."""
    require(actor, Action.ENTRUSTMENT_ENTER, actor.org_code)
    try:
        days = {"since": _day(form.since, "开始"), "until": _day(form.until, "结束")}
        with session.begin_nested():
            made = enter.enter(session, actor, Entrusted(**form.model_dump() | days), datetime.now(UTC))
    except DirectoryError as error:
        return _form_page(request, form, error)
    return RedirectResponse(f"/entrustments/{made.id}", status_code=303)


@router.get("/{entrustment_id}")
@governed_by(Action.ENTRUSTMENT_READ)
def show(entrustment_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One entrustment: what was entered, what was said, and what the reader may do."""
    return _entrustment_page(request, session, actor, entrustment_id)


@router.post("/{entrustment_id}")
@governed_by(Action.ENTRUSTMENT_APPROVE, Action.ENTRUSTMENT_SUPERVISE)
def say(
    entrustment_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[SaidForm, Form()]
) -> Response:
    """Decide, note or end; a refusal is shown on the page, with what was typed."""
    try:
        if form.act not in _ACTS:
            raise DirectoryError("DECISION_MISSING")
        act: Act = form.act  # type: ignore[assignment]  # one of its own words, as was just asked
        with session.begin_nested():
            enter.say(session, actor, entrustment_id, act, form.words, datetime.now(UTC))
    except DirectoryError as error:
        return _entrustment_page(request, session, actor, entrustment_id, form, error)
    return RedirectResponse(f"/entrustments/{entrustment_id}", status_code=303)


def _form_page(request: Request, form: EntrustmentForm, error: DirectoryError | None = None) -> HTMLResponse:
    return page_after(request, "entrustments/form.html", error, form=form)


def _entrustment_page(
    request: Request,
    session: Session,
    actor: Actor,
    entrustment_id: UUID,
    form: SaidForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    return page_after(
        request,
        "entrustments/entrustment.html",
        error,
        view=view(session, actor, entrustment_id, shanghai_today()),
        form=form or SaidForm(),
        names=ACT_NAMES,
    )


def _day(typed: str, name: str) -> date:
    if not typed.strip():
        raise DirectoryError("ENTRUSTMENT_UNFIT", reason=f"没有写明{name}的日子")
    return day_typed(typed)
