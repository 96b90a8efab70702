"""The pages of 回流: what can be asked back, and the form that asks."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from directory.access.form import SENTENCES
from directory.access.issue import offered
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.backflow import ask
from directory.backflow.ask import BackflowAsk
from directory.backflow.territory import region_items
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.resources.queries import find
from directory.web.render import page, page_after

router = APIRouter(prefix="/backflow", include_in_schema=False)

_Text = Annotated[str, Form(max_length=2000)]
_FIELD_OF_CODE: Final = {
    "STATEMENT_UNSIGNED": "statement",
    "TERM_PAST": "valid_until",
    "DAY_FAR": "valid_until",
    "BACKFLOW_ITEM": "field",
    "ITEM_UNKNOWN": "items",
    "NOT_MOUNTED": "items",
    "FILTER_NOT_EVERYWHERE": "items",
}


class Typed(BaseModel):
    """The form as it was sent."""

    resource: str = ""
    items: list[str] = []
    field: str = ""
    basis: _Text = ""
    scenario: _Text = ""
    scope: _Text = ""
    frequency: str = "daily"
    valid_until: Annotated[str, Form(max_length=20)] = ""
    statement: str = ""


@router.get("")
@governed_by(Action.REQUEST_CREATE)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The reader's territory, and the entries of higher levels that hold its rows."""
    today = shanghai_today()
    found = ask.offers(session, actor, today)
    return page(request, "backflow/list.html", territory=ask.territory_of(session, actor, today), offers=found)


@router.get("/new")
@governed_by(Action.REQUEST_CREATE)
def begin(
    request: Request, session: DbSession, actor: CurrentActor, resource: Annotated[str, Query(max_length=100)]
) -> HTMLResponse:
    """The form for one entry, all its items chosen."""
    entry = find(session, actor, resource.replace("~", "/"))
    items = [item.field for item in offered(session, entry).items]
    return _form(request, session, actor, Typed(resource=str(entry.id), items=items))


@router.post("/new")
@governed_by(Action.REQUEST_CREATE)
def send(request: Request, session: DbSession, actor: CurrentActor, typed: Annotated[Typed, Form()]) -> Response:
    """Draft the request; a refusal stands at its field, with what was typed."""
    try:
        asked = BackflowAsk.model_validate(
            typed.model_dump(exclude={"statement"}) | {"statement": bool(typed.statement), "items": tuple(typed.items)}
        )
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        return _form(request, session, actor, typed, {name: SENTENCES[name] for name in SENTENCES if name in wrong})
    if not typed.items:
        return _form(request, session, actor, typed, {"items": SENTENCES["items"]})
    try:
        with session.begin_nested():
            row = ask.ask(session, actor, asked, datetime.now(UTC))
    except DirectoryError as error:
        if error.status == 404:
            raise
        name = _FIELD_OF_CODE.get(error.code)
        faults = {name: f"{error.zh}。{error.next_step}"} if name else {}
        return _form(request, session, actor, typed, faults, None if name else error)
    return RedirectResponse(f"/requests/{row.id}", status_code=303)


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    typed: Typed,
    faults: dict[str, str] | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    entry = find(session, actor, typed.resource)
    resource = offered(session, entry)
    return page_after(
        request,
        "backflow/new.html",
        error,
        entry=entry,
        resource=resource,
        region_items=region_items(resource),
        territory=ask.territory_of(session, actor, shanghai_today()),
        can_ask=ask.may_ask_back(session, actor, entry, resource, shanghai_today()),
        typed=typed,
        faults=faults or {},
    )
