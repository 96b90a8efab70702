"""Pages of the 负面清单: the list with its import, the form, one entry with the decision."""

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
from directory.errors import DirectoryError
from directory.lists.reading import row_faults
from directory.negatives import keep, sheets
from directory.negatives.form import EVERYBODY, FIELD_OF, DecisionForm, Faults, NegativeForm, to_proposed
from directory.negatives.queries import negative, negatives
from directory.negatives.views import COVERS_NAMES, views
from directory.organisations.queries import open_organisations
from directory.policy import NOWHERE, allows, require
from directory.web.render import form_page, page_after

router = APIRouter(prefix="/lists/negatives", include_in_schema=False)

_SEEN = "what is listed, to everybody who may ask for data; proposals to their department and the office"
_MOST_WORDS = 2000


@router.get("")
@open_to_signed_in(_SEEN)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """What waits for the office, what is in force, what is over."""
    return _list_page(request, session, actor)


@router.post("")
@governed_by(Action.NEGATIVE_PROPOSE)
def take_file(request: Request, session: DbSession, actor: CurrentActor, file: UploadFile) -> Response:
    """Propose the entries of a workbook; a refusal is said above the form."""
    try:
        with session.begin_nested():
            sheets.imported(session, actor, file.file.read(), file.filename or "", datetime.now(UTC))
    except DirectoryError as error:
        return _list_page(request, session, actor, error)
    return RedirectResponse("/lists/negatives", status_code=303)


@router.get("/new")
@governed_by(Action.NEGATIVE_PROPOSE)
def show_form(
    request: Request, session: DbSession, actor: CurrentActor, ref: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """The form, perhaps for one catalogue entry."""
    require(actor, Action.NEGATIVE_PROPOSE, None)
    return _form_page(request, session, actor, NegativeForm(entry=ref), {})


@router.post("/new")
@governed_by(Action.NEGATIVE_PROPOSE)
def send(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NegativeForm, Form()]) -> Response:
    """Propose; what is refused stands beside its field, and what was typed stays."""
    require(actor, Action.NEGATIVE_PROPOSE, None)
    proposed = to_proposed(form, actor.org_code)
    if not isinstance(proposed, keep.Proposed):
        return _form_page(request, session, actor, form, proposed)
    try:
        with session.begin_nested():
            made = keep.propose(session, actor, proposed, datetime.now(UTC))
    except DirectoryError as error:
        faults = {FIELD_OF.get(error.code, "general"): error.in_words}
        return _form_page(request, session, actor, form, faults)
    return RedirectResponse(f"/lists/negatives/{made.id}", status_code=303)


@router.get("/{negative_id}")
@open_to_signed_in(_SEEN)
def show(negative_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One entry."""
    return _page(request, session, actor, negative_id)


@router.post("/{negative_id}")
@governed_by(Action.NEGATIVE_DECIDE)
def act(
    negative_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """List it, decline it, or take it off; a refusal is shown beside the form, with what was typed."""
    now = datetime.now(UTC)
    try:
        with session.begin_nested():
            if len(form.why) > _MOST_WORDS:
                raise DirectoryError("NEGATIVE_INVALID", reason=f"理由最多 {_MOST_WORDS} 个字")
            if form.act == "remove":
                keep.remove(session, actor, negative_id, form.why, now)
            else:
                keep.decide(session, actor, negative_id, is_listed=form.act == "list", words=form.why, now=now)
    except DirectoryError as error:
        return _page(request, session, actor, negative_id, form, error)
    return RedirectResponse(f"/lists/negatives/{negative_id}", status_code=303)


def _list_page(request: Request, session: Session, actor: Actor, error: DirectoryError | None = None) -> HTMLResponse:
    found = views(session, actor, negatives(session, actor), shanghai_today())
    return page_after(
        request,
        "negatives/list.html",
        error,
        row_faults=row_faults(error),
        proposed=[each for each in found if each.state == "proposed"],
        listed=[each for each in found if each.state in {"listed", "ahead"}],
        over=[each for each in found if each.state in {"over", "declined", "removed"}],
    )


def _form_page(request: Request, session: Session, actor: Actor, form: NegativeForm, faults: Faults) -> HTMLResponse:
    is_for_all = allows(actor, Action.NEGATIVE_PROPOSE, NOWHERE)
    return form_page(
        request,
        "negatives/new.html",
        faults,
        form=form,
        covers=COVERS_NAMES,
        departments=open_organisations(session) if is_for_all else (),
        everybody=EVERYBODY,
        longest_years=keep.LONGEST.days // 366,
    )


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    negative_id: UUID,
    form: DecisionForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    [shown] = views(session, actor, [negative(session, actor, negative_id)], shanghai_today())
    return page_after(request, "negatives/negative.html", error, view=shown, form=form or DecisionForm())
