"""Proof that our own page sent a form: a token bound to the session's cookie, or to one for whoever has none yet."""

import hmac
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from directory.actors import SAFE_METHODS, SESSION_COOKIE, bearer_token
from directory.errors import DirectoryError
from directory.limits import LIMITS
from standards.crypto import keyed_digest

ANONYMOUS_COOKIE = "hutong_anonymous"  # gives a login form something to bind its token to, before there is a session
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"

_FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


def csrf_token(secret: str) -> str:
    """The token that belongs to a session or anonymous cookie: whoever sends it could read our pages."""
    return keyed_digest(secret.encode(), b"hutong-csrf-1").hex()


def csrf_secret(request: Request) -> str:
    """The cookie a form's token is bound to, or nothing; the login form's is only now being set."""
    given: str = getattr(request.state, "csrf_secret", "")
    return given or request.cookies.get(SESSION_COOKIE) or request.cookies.get(ANONYMOUS_COOKIE) or ""


async def refuse_forged(request: Request) -> AsyncIterator[None]:
    """Raise ``DirectoryError CSRF_REFUSED`` for an unsafe call that a foreign page could have caused.

    Such a call rides on cookies, so Bearer and node-signed calls are exempt; a form is always checked, since a browser
    sends one anywhere without asking (login CSRF needs no session). Files that came with a form are closed at the end,
    whoever read it.
    """
    try:
        await _refuse_forged(request)
        yield
    finally:
        await request.close()


async def _refuse_forged(request: Request) -> None:
    if request.method in SAFE_METHODS or bearer_token(request) is not None:
        return
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM_TYPES)
    if not is_form and SESSION_COOKIE not in request.cookies:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise DirectoryError("CSRF_REFUSED")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise DirectoryError("CSRF_REFUSED")
    given = request.headers.get(CSRF_HEADER) or ""
    if is_form and not given:
        request.state.sent_form = await request.form(max_fields=LIMITS.form_field_count)
        given = _field(request.state.sent_form)
    secret = csrf_secret(request)
    if not secret or not hmac.compare_digest(given.encode(), csrf_token(secret).encode()):
        raise DirectoryError("CSRF_REFUSED")


def sent_pairs(form: FormData) -> list[tuple[str, UploadFile | str]]:
    """What somebody put into a form, without our token; a file's field that was left empty comes as a nameless file."""
    return [
        (name, value)
        for name, value in form.multi_items()
        if name != CSRF_FIELD and (isinstance(value, str) or value.filename)
    ]


def _field(form: FormData) -> str:
    value = form.get(CSRF_FIELD)
    return value if isinstance(value, str) else ""
