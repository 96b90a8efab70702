"""The page of the cart: several entries, one form of Article 20; what was typed is kept while more is looked for."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.access import cart
from directory.access.cart import CaseRequest
from directory.access.cart_models import CartForm
from directory.access.form import SENTENCES, sentences
from directory.access.said import BAR
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.typed import id_in
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/cart"
SEARCH: Final = "/resources"
_COMMON: Final = ("basis", "scenario", "scope", "frequency", "valid_until", "statement")


class Typed(BaseModel):
    """The form as it was sent. ``items`` are an entry's id, a bar, a field; ``remove`` the entry to take out."""

    items: list[str] = []
    basis: str = ""
    scenario: str = ""
    scope: str = ""
    frequency: str = "daily"
    valid_until: str = ""
    statement: str = ""
    remove: str = ""
    back: str = ""
    do: str = ""


class Faults(BaseModel):
    """Sentences by field, and by entry."""

    fields: dict[str, str] = {}
    entries: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.fields or self.entries)


@router.get(PATH)
@governed_by(Action.REQUEST_CREATE)
def show(request: Request, session: DbSession, actor: CurrentActor, back: str = "") -> HTMLResponse:
    """What is chosen, with what was typed the last time."""
    kept = session.get(CartForm, actor.account_id)
    typed = Typed.model_validate(kept.typed if kept else {})
    return _page(request, session, actor, typed.model_copy(update={"back": back or typed.back}))


@router.post(PATH + "/add")
@governed_by(Action.REQUEST_CREATE)
def add(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    resource: Annotated[str, Form()],
    back: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Choose an entry on the search or on its page; ``back`` is where to go on looking."""
    cart.add(session, actor, resource.replace("~", "/"), datetime.now(UTC))
    kept = session.get(CartForm, actor.account_id)
    typed = Typed.model_validate(kept.typed if kept else {})
    _keep(session, actor, typed.model_copy(update={"back": _local(back)}))
    return RedirectResponse(PATH, status_code=303)


@router.post(PATH)
@governed_by(Action.REQUEST_CREATE)
def send(request: Request, session: DbSession, actor: CurrentActor, typed: Annotated[Typed, Form()]) -> Response:
    """Draft the case; or only take an entry out, or keep what is typed and go on looking."""
    _keep(session, actor, typed)
    if typed.remove:
        chosen = id_in(typed.remove)
        cart.remove(session, actor, [] if chosen is None else [chosen])
        return _page(request, session, actor, typed)
    if typed.do == "look":
        return RedirectResponse(_local(typed.back) or SEARCH, status_code=303)
    asked, faults = _read(session, actor, typed)
    if asked is None:
        return _page(request, session, actor, typed, faults)
    try:
        with session.begin_nested():
            made = cart.draft(session, actor, asked, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, typed, _refused(error), error)
    _keep(session, actor, Typed())
    return RedirectResponse(f"/requests?of=own&case={made[0].case_no}", status_code=303)


def _read(session: Session, actor: Actor, typed: Typed) -> tuple[CaseRequest | None, Faults]:
    """The case, or every field and entry that keeps it from being one."""
    entries = []
    faults = Faults()
    for entry, record in cart.held(session, actor):
        chosen = tuple(field for ref, _, field in (each.partition(BAR) for each in typed.items) if ref == str(entry.id))
        if not chosen or record is None:
            faults.entries[str(entry.id)] = SENTENCES["items"] if record else "现在不能申请，请移出"
        entries.append({"resource": str(entry.id), "items": chosen})
    values = {name: getattr(typed, name).strip() for name in _COMMON} | {"statement": bool(typed.statement)}
    try:
        asked = CaseRequest.model_validate(values | {"entries": entries})
    except ValidationError as error:
        said = sentences(error)
        faults.fields |= {name: said[name] for name in _COMMON if name in said}
        asked = None
    if not typed.statement:
        faults.fields["statement"] = SENTENCES["statement"]
    return (None if faults else asked), faults


def _refused(error: DirectoryError) -> Faults:
    found = error.values.get("findings")
    findings = found if isinstance(found, list) else []
    return Faults(entries={str(each["resource"]): str(each["zh"]) for each in findings})


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    typed: Typed,
    faults: Faults | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    return page_after(
        request,
        "access/cart.html",
        error,
        held=cart.held(session, actor),
        typed=typed,
        chosen=frozenset(typed.items),
        faults=faults or Faults(),
        back=_local(typed.back) or SEARCH,
        tomorrow=shanghai_today() + timedelta(days=1),
        BAR=BAR,
    )


def _keep(session: Session, actor: Actor, typed: Typed) -> None:
    values = typed.model_dump(exclude={"remove", "do", "statement"})  # the promise is made anew each time
    changes = {"typed": values, "saved_at": datetime.now(UTC)}
    first = insert(CartForm).values(account_id=actor.account_id, **changes)
    session.execute(first.on_conflict_do_update(index_elements=[CartForm.account_id], set_=changes))


def _local(back: str) -> str:
    """Only the search, or an entry, of this very service: nobody is led elsewhere."""
    return back if back.startswith(SEARCH) and "\\" not in back else ""
