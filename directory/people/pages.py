"""Pages of people: the list, one person, one's own desk drawer (roles, password) and what nobody can decide."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import SESSION_COOKIE, Actor, CurrentActor, changes_password
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.errors import DirectoryError
from directory.organisations.queries import open_organisations
from directory.people import queries, roles, standing
from directory.people.password import change_password
from directory.roles import ROLE_NAMES, Role
from directory.supervision.undecided import undecided
from directory.web.render import page, page_after

router = APIRouter(include_in_schema=False)

_STANDINGS: Final[Mapping[queries.Standing, str]] = {
    "no_role": "没有角色",
    "locked": "登录已锁定",
    "expired": "一次性密码已过期",
    "orphaned": "部门已撤销",
    "closed": "已停用",
}
Short = Annotated[str, Form(max_length=100)]


@router.get("/people")
@governed_by(Action.PEOPLE_READ)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    q: Annotated[str, Query(max_length=100)] = "",
    org: Annotated[str, Query(max_length=32)] = "",
    role: Annotated[Role | Literal[""], Query()] = "",
    standing: queries.Standing = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Who is there, with which roles; above it what nobody can decide."""
    return _list(request, session, actor, q=q, org=org, role=role or None, of=standing, after=after)


@router.post("/people")
@governed_by(Action.PEOPLE_EDIT)
def open_account(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    username: Short = "",
    display_name: Short = "",
    org_code: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Make an account; the password for once is shown on the page that answers, and nowhere again."""
    typed = {"username": username.strip(), "display_name": display_name.strip(), "org_code": org_code}
    try:
        with session.begin_nested():
            opened = standing.open_account(session, actor, **typed, now=datetime.now(UTC))
    except DirectoryError as error:
        return _list(request, session, actor, error=error, typed=typed)
    return _person(request, session, actor, opened.account.username, one_time=opened.one_time_password)


@router.get("/people/{username}")
@governed_by(Action.PEOPLE_READ)
def show(username: str, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """One person, and what this reader may do about them."""
    return _person(request, session, actor, username)


@router.post("/people/{username}/{act}")
@governed_by(Action.PEOPLE_EDIT, Action.ROLE_GRANT, Action.LOCKOUT_LIFT)
def act_on(
    username: str,
    act: str,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    role: Annotated[Role | None, Form()] = None,
) -> Response:
    """One of the acts on a person; a refusal stands on their page."""
    now, one_time = datetime.now(UTC), ""
    try:
        with session.begin_nested():
            match act:
                case "closing":
                    standing.close(session, actor, username, now)
                case "reopening":
                    one_time = standing.reopen(session, actor, username, now).one_time_password
                case "password-reset":
                    one_time = standing.reset_password(session, actor, username, now).one_time_password
                case "unlocking":
                    roles.unlock(session, actor, username, now)
                case "roles" if role is not None:
                    roles.give_role(session, actor, username, role, now)
                case "roles-taken" if role is not None:
                    roles.take_role(session, actor, username, role, now)
                case _:
                    raise DirectoryError("NOT_FOUND", path=request.url.path[:200])
    except DirectoryError as error:
        if error.status == 404:
            raise
        return _person(request, session, actor, username, error=error)
    if one_time:
        return _person(request, session, actor, username, one_time=one_time)
    return RedirectResponse(f"/people/{username}", status_code=303)


@router.get("/me")
@open_to_signed_in("the reader themselves")
@changes_password
def show_me(request: Request, actor: CurrentActor) -> Response:
    """The reader's own roles, those held for colleagues, and what they manage themselves."""
    names = [ROLE_NAMES[each] for each in Role if each in actor.roles]
    held = [(each.delegator_name, ROLE_NAMES[each.role]) for each in actor.delegated]
    return page(request, "people/me.html", names=names, held=held)


@router.get("/password")
@open_to_signed_in("the reader's own password")
@changes_password
def ask_password(request: Request, actor: CurrentActor) -> Response:
    """The form."""
    return page_after(request, "people/password.html", None, is_done=False)


@router.post("/password")
@open_to_signed_in("the reader's own password")
@changes_password
def take_password(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    current: Annotated[str, Form(max_length=256)] = "",
    new: Annotated[str, Form(max_length=256)] = "",
    again: Annotated[str, Form(max_length=256)] = "",
) -> Response:
    """Change it; every other session of the reader's ends."""
    error: DirectoryError | None = None
    if new != again:
        error = DirectoryError(
            "PASSWORD_WEAK", reason="两次输入的新密码不一致", reason_en="it was typed differently the second time"
        )
    else:
        keep = request.cookies.get(SESSION_COOKIE, "")
        error = change_password(session, actor, current=current, new=new, keep_token=keep, now=datetime.now(UTC))
    return page_after(request, "people/password.html", error, is_done=error is None)


def _list(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    q: str = "",
    org: str = "",
    role: Role | None = None,
    of: queries.Standing = "",
    after: str = "",
    error: DirectoryError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    now = datetime.now(UTC)
    found = queries.people(session, actor, now, q=q, org_code=org, role=role, standing=of, after=after)
    return page_after(
        request,
        "people/list.html",
        error,
        found=found,
        q=q,
        org=org,
        role=role,
        standing_chosen=of,
        standings=_STANDINGS,
        after=after,
        organisations=open_organisations(session),
        role_names=ROLE_NAMES,
        undecided=undecided(session, actor),
        typed=typed or {"username": "", "display_name": "", "org_code": org},
    )


def _person(
    request: Request,
    session: Session,
    actor: Actor,
    username: str,
    *,
    error: DirectoryError | None = None,
    one_time: str = "",
) -> Response:
    person = queries.person(session, actor, username, datetime.now(UTC))
    return page_after(
        request,
        "people/person.html",
        error,
        person=person,
        one_time=one_time,
        days=standing.ONE_TIME_DAYS,
        free=[each for each in Role if each not in person.roles],
        role_names=ROLE_NAMES,
        is_oneself=person.username == actor.username,
    )
