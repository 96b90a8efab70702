"""Pages of changes of law or duty: the list, the report, one change with its term and the extension."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.queries import calendar
from directory.clock.today import shanghai_today
from directory.clock.words import WEEKDAYS, day_words, drawn_days, term_words
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.duties.form import FIELD_OF, ChangeForm, Faults, to_reported
from directory.duties.queries import Change, change, changes
from directory.duties.report import Reported, ask_extension, decide_extension, report
from directory.duties.states import KINDS, Stage
from directory.duties.views import lines, view
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.queries import open_organisations
from directory.policy import NOWHERE, allows, require
from directory.resources.queries import entries_in
from directory.resources.states import STATUSES
from directory.typed import number_in
from directory.web.render import form_page, page, page_after

router = APIRouter(prefix="/duties", include_in_schema=False)

_ALIVE = tuple(status for status in STATUSES if status != "withdrawn")


class ExtensionForm(BaseModel):
    """Asking for an extension, or deciding on it, as the form was sent."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form(max_length=20)] = ""
    days: Annotated[str, Form(max_length=5)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""


@router.get("")
@open_to_signed_in("only what touches the reader's own department; the office sees all")
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The open changes, those due first at the front, and what has been done with."""
    today, days = shanghai_today(), calendar(session)
    is_open, done = (lines(session, changes(session, actor, is_open=each), today) for each in (True, False))
    return page(
        request,
        "duties/list.html",
        open_changes=sorted(is_open, key=lambda line: (line.due_on or date.max, line.title)),
        done_changes=done,
        term=lambda due_on: term_words(due_on, today, days),
    )


@router.get("/new")
@governed_by(Action.DUTY_CHANGE_REPORT)
def show_form(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    org: Annotated[str, Query(max_length=32)] = "",
    ref: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The form of a report; the office chooses the department first."""
    require(actor, Action.DUTY_CHANGE_REPORT, actor.org_code)
    return _form_page(request, session, actor, ChangeForm(org=org, refs=[ref] if ref else []))


@router.post("/new")
@governed_by(Action.DUTY_CHANGE_REPORT)
def send_report(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[ChangeForm, Form()]
) -> Response:
    """Report the change; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.DUTY_CHANGE_REPORT, actor.org_code)
    reported = to_reported(form)
    if not isinstance(reported, Reported):
        return _form_page(request, session, actor, form, reported)
    try:
        with session.begin_nested():
            made = report(session, actor, reported, datetime.now(UTC))
    except DirectoryError as error:
        faults = {FIELD_OF.get(error.code, "general"): error.in_words}
        return _form_page(request, session, actor, form, faults, error.status)
    return RedirectResponse(f"/duties/{made.id}", status_code=303)


@router.get("/{change_id}")
@open_to_signed_in("only what touches the reader's own department; the office sees all")
def show(change_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One change: the term day by day, each entry, the extension."""
    return _change_page(request, session, actor, change_id)


@router.post("/{change_id}")
@governed_by(Action.DUTY_CHANGE_REPORT, Action.DUTY_EXTENSION_DECIDE)
def extend(
    change_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[ExtensionForm, Form()]
) -> Response:
    """Ask for the extension, or decide on it; a refusal is shown beside the form, with what was typed."""
    now = datetime.now(UTC)
    try:
        with session.begin_nested():
            if form.act == "ask":
                ask_extension(session, actor, change_id, number_in(form.days) or 0, form.words, now)
            else:
                is_granted = form.act == "grant"
                decide_extension(session, actor, change_id, is_granted=is_granted, comment=form.words, now=now)
    except DirectoryError as error:
        return _change_page(request, session, actor, change_id, form, error)
    return RedirectResponse(f"/duties/{change_id}", status_code=303)


def _form_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: ChangeForm,
    faults: Faults | None = None,
    status: int = 422,
) -> Response:
    is_for_all = allows(actor, Action.DUTY_CHANGE_REPORT, NOWHERE)
    org_code = form.org if is_for_all else actor.org_code
    entries = entries_in(session, actor, _ALIVE, org_code) if org_code else []
    return form_page(
        request,
        "duties/new.html",
        faults,
        status,
        form=form,
        kinds=KINDS,
        departments=open_organisations(session) if is_for_all else (),
        org_code=org_code,
        entries=sorted(entries, key=lambda entry: (str(entry.id) not in form.refs, entry.title)),
        most=LIMITS.batch_count,
    )


def _change_page(
    request: Request,
    session: Session,
    actor: Actor,
    change_id: UUID,
    form: ExtensionForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    today, days = shanghai_today(), calendar(session)
    found = change(session, actor, change_id)
    shown = view(session, actor, found, today)
    return page_after(
        request,
        "duties/change.html",
        error,
        view=shown,
        term=lambda due_on: term_words(due_on, today, days),
        explanation=_explanation(found, today),
        days=drawn_days(found.update, today, days) if found.stage is Stage.DEPARTMENT else (),
        most_days=found.most_extension_days,
        form=form or ExtensionForm(),
    )


def _explanation(found: Change, today: date) -> str:
    """What the department's term rests on."""
    term = found.update
    day = f"{day_words(term.received_on, today)}（周{WEEKDAYS[term.received_on.weekday()]}）"
    longer = "，含经同意的延期" if found.extension is not None and found.extension.is_granted else ""
    rest = "周末与节假日不计，调休上班日计入"
    return f"{day}发生变化，次日起算；部门应在 {term.limit_days} 个工作日内更新目录{longer}，{rest}。"
