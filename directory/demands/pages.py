"""Pages of the 需求清单: the list with its import, the form, one demand with what the catalogue has for it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import request_rows
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.demands import choose, raising, sheets
from directory.demands.form import ActForm, DemandForm, Faults, to_raised
from directory.demands.queries import DemandFacts, demand, demands
from directory.demands.views import MatchesShown, lines, matches_of, view
from directory.errors import DirectoryError
from directory.lists.reading import row_faults
from directory.policy import require
from directory.typed import id_in, number_in
from directory.web.render import form_page, page_after

router = APIRouter(prefix="/lists/demands", include_in_schema=False)

_OWN = "only the reader's own department's demands and those it is to provide for; the office sees all"
_MOST_WORDS = 2000


@router.get("")
@open_to_signed_in(_OWN)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The open demands, those needed first at the front, and what has been done with."""
    return _list_page(request, session, actor)


@router.post("")
@governed_by(Action.DEMAND_RAISE)
def take_file(request: Request, session: DbSession, actor: CurrentActor, file: UploadFile) -> Response:
    """Raise the demands of a workbook; a refusal is said above the form."""
    try:
        with session.begin_nested():
            made = sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    except DirectoryError as error:
        return _list_page(request, session, actor, error)
    return RedirectResponse(f"/lists/demands?made={len(made)}", status_code=303)


@router.get("/new")
@governed_by(Action.DEMAND_RAISE)
def show_form(request: Request, actor: CurrentActor) -> HTMLResponse:
    """The form of a demand."""
    require(actor, Action.DEMAND_RAISE, actor.org_code)
    return _form_page(request, DemandForm(), {})


@router.post("/new")
@governed_by(Action.DEMAND_RAISE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[DemandForm, Form()]) -> Response:
    """Raise the demand; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.DEMAND_RAISE, actor.org_code)
    raised = to_raised(form)
    if not isinstance(raised, raising.Raised):
        return _form_page(request, form, raised)
    try:
        with session.begin_nested():
            made = raising.raise_demand(session, actor, raised, datetime.now(UTC))
    except DirectoryError as error:
        return _form_page(request, form, {"general": error.in_words})
    return RedirectResponse(f"/lists/demands/{made.id}", status_code=303)


@router.get("/{demand_id}")
@open_to_signed_in(_OWN)
def show(demand_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One demand, item by item, with what the catalogue has for those still open."""
    return _demand_page(request, session, actor, demand_id)


@router.post("/{demand_id}")
@governed_by(Action.DEMAND_RAISE)
def act(
    demand_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[ActForm, Form()]
) -> Response:
    """Choose a source, tie a request, say that the need is met, take the demand back."""
    at = number_in(form.number) or 0
    try:
        with session.begin_nested():
            _act(session, actor, demand_id, at, form)
    except DirectoryError as error:
        return _demand_page(request, session, actor, demand_id, form, error)
    return RedirectResponse(f"/lists/demands/{demand_id}#item-{at}" if at else f"/lists/demands/{demand_id}", 303)


def _act(session: Session, actor: Actor, demand_id: UUID, at: int, form: ActForm) -> None:
    now = datetime.now(UTC)
    if form.act == "withdraw":
        if len(form.why) > _MOST_WORDS:
            raise DirectoryError("DEMAND_INVALID", reason=f"理由最多 {_MOST_WORDS} 个字")
        raising.withdraw(session, actor, demand_id, form.why, now)
    elif form.act == "link":
        request_id = id_in(form.request_id)
        if request_id is None:
            raise DirectoryError("DEMAND_LINK", reason="没有选申请")
        choose.link(session, actor, demand_id, at, request_id, now)
    elif form.act == "satisfy":
        choose.satisfy(session, actor, demand_id, at, now)
    else:
        ref, _, field = form.choice.partition("|")
        if not ref.strip() or not field.strip():
            raise DirectoryError("DEMAND_CHOICE", reason="没有选数据项")
        choose.choose(session, actor, demand_id, at, ref.strip(), field.strip(), now)


def _list_page(request: Request, session: Session, actor: Actor, error: DirectoryError | None = None) -> HTMLResponse:
    today = shanghai_today()
    is_open, done = (lines(session, demands(session, actor, is_open=each), today) for each in (True, False))
    return page_after(
        request, "demands/list.html", error, row_faults=row_faults(error), open_demands=is_open, done=done
    )


def _form_page(request: Request, form: DemandForm, faults: Faults) -> HTMLResponse:
    return form_page(request, "demands/new.html", faults, form=form, most=raising.MOST_ITEMS)


def _demand_page(
    request: Request,
    session: Session,
    actor: Actor,
    demand_id: UUID,
    form: ActForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    found = demand(session, actor, demand_id)
    shown = view(session, actor, found, shanghai_today())
    return page_after(
        request,
        "demands/demand.html",
        error,
        view=shown,
        held=matches_of(session, actor, found) if shown.acts else MatchesShown(),
        linkable=_linkable(session, actor, found) if "choose" in shown.acts else {},
        form=form or ActForm(),
    )


def _linkable(session: Session, actor: Actor, found: DemandFacts) -> Mapping[int, Sequence[RequestRow]]:
    """For each item with a source and no request, the department's own requests for it, the newest first."""
    own = request_rows(session, actor, is_own=True)
    return {
        each.row.number: [row for row in own if row.resource_id == each.row.resource_id]
        for each in found.items
        if each.row.resource_id is not None and each.row.request_id is None
    }
