"""Pages of the base libraries: the registers, one library item by item, one item, and 一数一源."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.libraries import queries, register
from directory.libraries.holdings import COMPARED_MOST, Supply, alike, doubled, holdings
from directory.limits import LIMITS
from directory.organisations.queries import organisations
from directory.policy import visible_resources
from directory.web.render import page, page_after

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Path(max_length=100)]
SHOWN: Final[Mapping[str, tuple[str, Callable[[Supply], bool]]]] = {
    "current": ("全部标准项", lambda each: not each.item.is_retired),
    "supplied": ("有提供", lambda each: bool(each.pointers) and not each.item.is_retired),
    "gaps": ("无部门提供", lambda each: each.is_gap),
    "doubled": ("多部门提供", lambda each: each.is_doubled),
    "retired": ("已停用", lambda each: each.item.is_retired),
}
WHATS: Final[Mapping[str, str]] = {
    "added": "添加",
    "name": "名称",
    "representation": "表示",
    "code_list": "代码表",
    "rule": "规则",
    "sensitivity": "敏感程度",
    "retired": "停用",
    "lead": "数源部门",
}


class Typed(BaseModel):
    """What one of the forms sent; ``do`` says which."""

    model_config = ConfigDict(frozen=True)

    do: Annotated[str, Form(max_length=10)] = ""
    name: Annotated[str, Form(max_length=1000)] = ""
    label: Annotated[str, Form(max_length=1000)] = ""
    class_code: Annotated[str, Form(max_length=1000)] = ""
    field: Annotated[str, Form(max_length=1000)] = ""
    representation: Annotated[str, Form(max_length=1000)] = ""
    code_list: Annotated[str, Form(max_length=1000)] = ""
    rule: Annotated[str, Form(max_length=1000)] = ""
    sensitivity: Annotated[str, Form(max_length=1000)] = ""
    lead_department: Annotated[str, Form(max_length=1000)] = ""
    is_retired: Annotated[str, Form(max_length=10)] = ""
    fields: Annotated[tuple[str, ...], Form(max_length=1000)] = ()
    basis: Annotated[str, Form(max_length=1000)] = ""


Sent = Annotated[Typed, Form()]


@router.get("/libraries")
@governed_by(Action.LIBRARY_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """All libraries with how much of each is supplied."""
    return _libraries(request, session)


@router.post("/libraries")
@governed_by(Action.LIBRARY_EDIT)
def add_library(request: Request, session: DbSession, actor: CurrentActor, sent: Sent) -> Response:
    """Add a library; a refusal is shown at the form, with what was typed."""
    try:
        with session.begin_nested():
            new = register.read(register.NewLibrary, sent.model_dump(include=set(register.NewLibrary.model_fields)))
            register.add_library(session, actor, new, datetime.now(UTC))
    except DirectoryError as error:
        return _libraries(request, session, sent, error)
    return RedirectResponse(f"/libraries/{new.name}", status_code=303)


@router.get("/libraries/duplicates", dependencies=[COSTLY])
@governed_by(Action.LIBRARY_READ)
def show_duplicates(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """一数一源: items supplied by several departments, and entries that look like the same data."""
    supplies = doubled(session)
    pairs, is_whole = alike(session)
    return page(
        request,
        "libraries/duplicates.html",
        supplies=supplies,
        undecided=sum(each.item.lead_org is None for each in supplies),
        alike=pairs[: LIMITS.page_count],
        alike_total=len(pairs),
        is_whole=is_whole,
        compared_most=COMPARED_MOST,
        names=_names(session),
    )


@router.get("/libraries/{name}")
@governed_by(Action.LIBRARY_READ)
def show_library(
    name: Name, request: Request, session: DbSession, actor: CurrentActor, show: str = "current"
) -> Response:
    """One library: each item and where it lives."""
    return _library(request, session, actor, name, show)


@router.post("/libraries/{name}")
@governed_by(Action.LIBRARY_EDIT)
def change_library(name: Name, request: Request, session: DbSession, actor: CurrentActor, sent: Sent) -> Response:
    """Add an item, decide the lead department of several, or change the library."""
    sent = _named(sent, "lead", "add")
    try:
        with session.begin_nested():
            now = datetime.now(UTC)
            if sent.do == "lead":
                lead = {"lead_department": sent.lead_department, "basis": sent.basis}
                decision = register.read(register.ItemEdit, lead)
                register.decide_leads(session, actor, name, sent.fields, decision, now)
            elif sent.do == "add":
                new = register.read(register.NewItem, sent.model_dump(include=set(register.NewItem.model_fields)))
                register.add_item(session, actor, name, new, now)
            else:
                edit = register.read(
                    register.LibraryEdit, sent.model_dump(include=set(register.LibraryEdit.model_fields))
                )
                register.change_library(session, actor, name, edit, now)
    except DirectoryError as error:
        session.expire_all()
        return _library(request, session, actor, name, "current", sent, error)
    return RedirectResponse(f"/libraries/{name}", status_code=303)


@router.get("/libraries/{name}/items/{field}")
@governed_by(Action.LIBRARY_READ)
def show_item(
    name: Name,
    field: Name,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """One item: what it is, every place it lives, who decided what about it."""
    return _item(request, session, actor, (name, field), start)


@router.post("/libraries/{name}/items/{field}")
@governed_by(Action.LIBRARY_EDIT)
def change_item(
    name: Name, field: Name, request: Request, session: DbSession, actor: CurrentActor, sent: Sent
) -> Response:
    """Decide the lead department, or change the item."""
    sent = _named(sent, "lead")
    if sent.do == "lead":
        given: dict[str, object] = {"lead_department": sent.lead_department, "basis": sent.basis}
    else:
        words = ("name", "representation", "code_list", "rule", "sensitivity", "basis")
        given = sent.model_dump(include=set(words)) | {"is_retired": sent.is_retired == "yes"}
    try:
        with session.begin_nested():
            register.change_item(
                session, actor, name, field, register.read(register.ItemEdit, given), datetime.now(UTC)
            )
    except DirectoryError as error:
        session.expire_all()
        return _item(request, session, actor, (name, field), 0, sent, error)
    return RedirectResponse(f"/libraries/{name}/items/{field}", status_code=303)


def _named(sent: Typed, *others: str) -> Typed:
    """What was sent with the name of its form: whatever is none of the others is the form of changes."""
    return sent if sent.do in others else sent.model_copy(update={"do": "edit"})


def _libraries(
    request: Request, session: Session, typed: Typed | None = None, error: DirectoryError | None = None
) -> Response:
    found = [holdings(session, library) for library in queries.libraries(session)]
    return page_after(
        request,
        "libraries/libraries.html",
        error,
        rows=found,
        classes=request.app.state.settings.classes,
        typed=typed or Typed(),
    )


def _library(
    request: Request,
    session: Session,
    actor: Actor,
    name: str,
    show: str,
    typed: Typed | None = None,
    error: DirectoryError | None = None,
) -> Response:
    found = holdings(session, queries.library_named(session, name))
    show = show if show in SHOWN else "current"
    lists = {key: [each for each in found.supplies if belongs(each)] for key, (_, belongs) in SHOWN.items()}
    return page_after(
        request,
        "libraries/library.html",
        error,
        found=found,
        shown={key: words for key, (words, _) in SHOWN.items()},
        counts={key: len(of) for key, of in lists.items()},
        show=show,
        supplies=lists[show],
        organisations=organisations(session),
        names=_names(session),
        typed=typed or Typed(),
    )


def _item(
    request: Request,
    session: Session,
    actor: Actor,
    named: tuple[str, str],
    start: int,
    typed: Typed | None = None,
    error: DirectoryError | None = None,
) -> Response:
    name, field = named
    library, item = queries.library_named(session, name), queries.library_item(session, name, field)
    supply = next(each for each in holdings(session, library).supplies if each.item.field == item.field)
    history = queries.changes(session, name, field)
    start = start if start < len(supply.pointers) else 0
    return page_after(
        request,
        "libraries/item.html",
        error,
        library=library,
        supply=supply,
        pointers=supply.pointers[start : start + LIMITS.page_count],
        start=start,
        page_count=LIMITS.page_count,
        history=history,
        people=display_names(session, [each.decided_by for each in history]),
        whats=WHATS,
        organisations=organisations(session),
        names=_names(session),
        tables=_tables(actor),
        typed=typed or Typed(),
    )


def _names(session: Session) -> Mapping[str, str]:
    return {each.code: each.name for each in organisations(session)}


def _tables(actor: Actor) -> str | frozenset[str]:
    """Of which departments this reader is told the tables."""
    visible = visible_resources(actor)
    return "all" if visible.is_everything else frozenset({visible.org_code})
