"""Sign-in and sign-out for browsers."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from directory.accounts.kept import Kept, KeptForm
from directory.accounts.queries import has_accounts
from directory.accounts.sign_in import sign_in, sign_out
from directory.actors import SESSION_COOKIE, OptionalActor
from directory.db import DbSession
from directory.declared import open_to_public
from directory.errors import DirectoryError
from directory.http.forged import ANONYMOUS_COOKIE
from directory.web.render import page

router = APIRouter(include_in_schema=False)

NOTHING: Final = Kept()
_LONGEST: Final = 2000


@router.get("/login")
@open_to_public("the sign-in form")
def show_login(request: Request, session: DbSession, actor: OptionalActor, next: str = "/") -> Response:
    """The form; whoever is signed in already goes on to where they wanted. Where nobody has an account yet, it says
    how the first are made.
    """
    if actor is not None:
        return RedirectResponse(_inside(next), status_code=303)
    request.state.csrf_secret = secrets.token_urlsafe(24)  # the form's token is bound to the cookie set below
    response = login_page(request, next=next, is_new=not has_accounts(session))
    response.delete_cookie(SESSION_COOKIE, path="/")
    _set_cookie(request, response, ANONYMOUS_COOKIE, request.state.csrf_secret)
    return response


@router.post("/login")
@open_to_public("signing in")
def login(
    request: Request,
    session: DbSession,
    username: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=256)],
    kept: KeptForm,
    next: Annotated[str, Form(max_length=_LONGEST)] = "/",
) -> Response:
    """A new session under a new id; a refusal shows the form again with its reason.

    Whoever filled in another form before, and was signed out meanwhile, gets it back to send it.
    """
    settings = request.app.state.settings
    outcome = sign_in(
        session,
        username=username,
        password=password,
        address=request.client.host if request.client else "",
        kind="browser",
        hours=settings.session_hours,
        now=datetime.now(UTC),
    )
    if isinstance(outcome, DirectoryError):
        problem = outcome.problem()
        return login_page(request, next=next, kept=kept, username=username, error=problem, status=outcome.status)
    earlier = request.cookies.get(SESSION_COOKIE)
    if earlier:
        sign_out(session, earlier, datetime.now(UTC))
    response: Response = RedirectResponse(_inside(next), status_code=303)
    if kept:
        request.state.csrf_secret = outcome.token
        response = page(request, "accounts/again.html", next=_inside(next), kept=kept, username=username)
    _set_cookie(request, response, SESSION_COOKIE, outcome.token)
    response.delete_cookie(ANONYMOUS_COOKIE, path="/")
    return response


@router.post("/logout")
@open_to_public("ends the caller's own session; without one nothing happens")
def logout(request: Request, session: DbSession) -> Response:
    """The session is over on the server, not only in the browser."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        sign_out(session, token, datetime.now(UTC))
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def login_page(
    request: Request,
    *,
    next: str,
    kept: Kept = NOTHING,
    username: str = "",
    error: Mapping[str, object] | None = None,
    status: int = 200,
    is_new: bool = False,
) -> Response:
    """The sign-in form; ``kept`` is another form that waits for it."""
    return page(
        request,
        "accounts/login.html",
        status_code=status,
        next=_inside(next),
        kept=kept,
        username=username,
        error=error,
        is_new=is_new,
    )


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    is_https = request.app.state.settings.is_https
    response.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=is_https)


def _inside(address: str) -> str:
    """Only a path of this site: never somebody else's, however it is spelled (``//host``, ``/\\host``, a scheme).

    What it asks is left out where the sign-in form could not bring it back: its page is reached without.
    """
    if len(address) > _LONGEST:
        address = address.partition("?")[0]
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and address.isprintable() and "\\" not in address else "/"
