"""Pages of the 责任清单: the list with its import, naming a department, one responsibility with its steps."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.demands.queries import demand
from directory.errors import DirectoryError
from directory.lists.reading import row_faults
from directory.organisations.queries import open_organisations
from directory.policy import require
from directory.resources.queries import entries_in
from directory.resources.states import STATUSES
from directory.responsibilities import sheets
from directory.responsibilities.api import one
from directory.responsibilities.form import AssignForm, Faults, StepForm, to_assigned
from directory.responsibilities.queries import owed
from directory.responsibilities.states import ACT_NAMES, MOVES, Act
from directory.responsibilities.take import Assigned, assign, take
from directory.responsibilities.views import lines, view
from directory.typed import id_in, number_in
from directory.web.render import form_page, page_after

router = APIRouter(prefix="/lists/responsibilities", include_in_schema=False)

_OWN = "only what the reader's own department must provide or has asked for; the office sees all"
_ALIVE = tuple(status for status in STATUSES if status != "withdrawn")
_MOST_WORDS, _MOST_REF = 2000, 100


@router.get("")
@open_to_signed_in(_OWN)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """What is still owed, due first at the front, and what is over."""
    return _list_page(request, session, actor)


@router.post("")
@governed_by(Action.RESPONSIBILITY_ASSIGN)
def take_file(request: Request, session: DbSession, actor: CurrentActor, file: UploadFile) -> Response:
    """Put the departments of a workbook on the list; a refusal is said above the form."""
    try:
        with session.begin_nested():
            sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    except DirectoryError as error:
        return _list_page(request, session, actor, error)
    return RedirectResponse("/lists/responsibilities", status_code=303)


@router.get("/new")
@governed_by(Action.RESPONSIBILITY_ASSIGN)
def show_form(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    demand: Annotated[str, Query(max_length=36)] = "",
    number: Annotated[str, Query(max_length=4)] = "",
) -> HTMLResponse:
    """The form, for an item of a demand or by itself."""
    require(actor, Action.RESPONSIBILITY_ASSIGN, None)
    return _form_page(request, session, actor, AssignForm(demand=demand, number=number), {})


@router.post("/new")
@governed_by(Action.RESPONSIBILITY_ASSIGN)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[AssignForm, Form()]) -> Response:
    """Name the department; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.RESPONSIBILITY_ASSIGN, None)
    assigned = to_assigned(form)
    if not isinstance(assigned, Assigned):
        return _form_page(request, session, actor, form, assigned)
    try:
        with session.begin_nested():
            made = assign(session, actor, assigned, datetime.now(UTC))
    except DirectoryError as error:
        return _form_page(request, session, actor, form, {"general": error.in_words})
    return RedirectResponse(f"/lists/responsibilities/{made.id}", status_code=303)


@router.get("/{responsibility_id}")
@open_to_signed_in(_OWN)
def show(responsibility_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One responsibility: what is owed, its life, and what the reader may do."""
    return _page(request, session, actor, responsibility_id)


@router.post("/{responsibility_id}")
@governed_by(
    Action.RESPONSIBILITY_ANSWER,
    Action.RESPONSIBILITY_ASSIGN,
    Action.RESPONSIBILITY_DECIDE,
    Action.RESPONSIBILITY_FULFIL,
)
def act(
    responsibility_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    form: Annotated[StepForm, Form()],
) -> Response:
    """Take a step; a refusal is shown beside the form, with what was typed."""
    try:
        with session.begin_nested():
            if form.act not in set(Act):
                raise DirectoryError("RESPONSIBILITY_INVALID", reason="没有这样的办理")
            if len(form.why) > _MOST_WORDS or len(form.entry) > _MOST_REF:
                raise DirectoryError("RESPONSIBILITY_INVALID", reason=f"理由最多 {_MOST_WORDS} 个字")
            take(session, actor, responsibility_id, Act(form.act), datetime.now(UTC), reason=form.why, ref=form.entry)
    except DirectoryError as error:
        return _page(request, session, actor, responsibility_id, form, error)
    return RedirectResponse(f"/lists/responsibilities/{responsibility_id}", status_code=303)


def _list_page(request: Request, session: Session, actor: Actor, error: DirectoryError | None = None) -> HTMLResponse:
    today = shanghai_today()
    is_open, done = (lines(session, owed(session, actor, is_open=each), today) for each in (True, False))
    return page_after(
        request, "responsibilities/list.html", error, row_faults=row_faults(error), open_lines=is_open, done=done
    )


def _form_page(request: Request, session: Session, actor: Actor, form: AssignForm, faults: Faults) -> HTMLResponse:
    demand_id = id_in(form.demand)
    found = demand(session, actor, demand_id) if demand_id else None
    at = number_in(form.number)
    item = next((each.row for each in found.items if each.row.number == at), None) if found else None
    if found is not None and item is None:
        raise DirectoryError("DEMAND_NOT_FOUND", ref=form.demand)
    departments = [each for each in open_organisations(session) if found is None or each.code != found.row.org_code]
    return form_page(
        request,
        "responsibilities/new.html",
        faults,
        form=form,
        demand=found.row if found else None,
        item=item,
        departments=departments,
    )


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    responsibility_id: UUID,
    form: StepForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    found = one(session, actor, responsibility_id)
    shown = view(session, actor, found, shanghai_today())
    is_naming = Act.CATALOGUED in shown.acts
    return page_after(
        request,
        "responsibilities/responsibility.html",
        error,
        view=shown,
        act_names=ACT_NAMES,
        moves=MOVES,
        entries=entries_in(session, actor, _ALIVE, shown.org_code) if is_naming else (),
        form=form or StepForm(),
    )
