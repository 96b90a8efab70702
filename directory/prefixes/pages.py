"""The page of the registers of prefixes and class codes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.organisations.queries import open_organisations
from directory.prefixes import classes, queries, register
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]


@router.get("/prefixes")
@governed_by(Action.PREFIX_READ)
def show_register(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Who holds which prefix, and which classes codes are minted under."""
    return _page(request, session)


@router.post("/prefixes")
@governed_by(Action.PREFIX_ALLOT)
def change_register(
    request: Request, session: DbSession, actor: CurrentActor, do: Text = "", code: Text = "", org_code: Text = ""
) -> Response:
    """Allot, hand down or close; a refusal is shown above the form, with what was typed."""
    verbs: dict[str, Callable[[Session, Actor, datetime], object]] = {
        "allot": lambda session, actor, now: register.allot(session, actor, code.strip(), org_code, now),
        "delegate": lambda session, actor, now: register.delegate(session, actor, code.strip(), org_code, now),
        "close": lambda session, actor, now: register.close(session, actor, code.strip(), now),
    }
    return _do(request, session, actor, verbs.get(do), {"do": do, "code": code, "org_code": org_code})


@router.post("/prefixes/classes")
@governed_by(Action.CLASS_CODE_EDIT)
def change_classes(
    request: Request, session: DbSession, actor: CurrentActor, do: Text = "", code: Text = "", name: Text = ""
) -> Response:
    """List a local class or retire one."""
    verbs: dict[str, Callable[[Session, Actor, datetime], object]] = {
        "add": lambda session, actor, now: classes.add_class(session, actor, code.strip(), name, now),
        "retire": lambda session, actor, now: classes.retire_class(session, actor, code.strip(), now),
    }
    return _do(request, session, actor, verbs.get(do), {"do": do, "class_code": code, "name": name})


def _do(
    request: Request,
    session: Session,
    actor: Actor,
    verb: Callable[[Session, Actor, datetime], object] | None,
    typed: dict[str, str],
) -> Response:
    if verb is None:
        return _page(request, session, typed)
    try:
        with session.begin_nested():
            verb(session, actor, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        return _page(request, session, typed, error)
    return RedirectResponse("/prefixes", status_code=303)


def _page(
    request: Request, session: Session, typed: dict[str, str] | None = None, error: DirectoryError | None = None
) -> Response:
    blank = {"do": "", "code": "", "org_code": "", "class_code": "", "name": ""}
    return page_after(
        request,
        "prefixes/prefixes.html",
        error,
        prefixes=queries.prefixes(session),
        delegations=queries.delegations(session),
        classes=classes.listed(session),
        organisations=[each for each in open_organisations(session) if each.is_confirmed],
        typed=blank | (typed or {}),
    )
