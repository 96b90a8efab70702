"""Who is calling: a session, from a Bearer token or the browser's cookie, and proof that our page sent the form."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from directory.accounts.models import Account, AccountRole, LoginSession
from directory.db import DbSession
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.policy import Role
from directory.prepared import Prepared
from standards.crypto import digest, keyed_digest

SESSION_COOKIE = "hutong_session"
ANONYMOUS_COOKIE = "hutong_anonymous"  # gives a login form something to bind its token to, before there is a session
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles they hold now; read anew on every request, so a change acts at once."""

    account_id: UUID
    username: str
    display_name: str
    org_code: str
    org_name: str
    roles: frozenset[Role]


def bearer_token(request: Request) -> str | None:
    """The token of an ``Authorization: Bearer`` header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def optional_actor(request: Request, session: DbSession) -> Actor | None:
    """The signed-in actor, or None. A Bearer token, where there is one, is the only thing looked at."""
    token, kind = bearer_token(request), "api"
    if token is None:
        token, kind = request.cookies.get(SESSION_COOKIE), "browser"
    if not token:
        return None
    idle = timedelta(minutes=request.app.state.settings.session_idle_minutes)
    actor = resume(session, token, kind, idle, datetime.now(UTC))
    request.state.actor = actor  # for the head of every page, error pages too
    return actor


# Asked on every request, so it is planned once, and brings the roles along.
_RESUMED = Prepared(
    "resumed_actor",
    select(
        Account.id,
        Account.username,
        Account.display_name,
        Account.org_code,
        Organisation.name,
        LoginSession.last_seen_at,
        select(func.array_agg(AccountRole.role))
        .where(AccountRole.account_id == Account.id)
        .correlate(Account)
        .scalar_subquery()
        .label("roles"),
    )
    .select_from(LoginSession)
    .join(Account, Account.id == LoginSession.account_id)
    .join(Organisation, Organisation.code == Account.org_code)
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.kind == bindparam("kind"),
        LoginSession.ends_at > bindparam("now"),
        LoginSession.last_seen_at > bindparam("seen_after"),
        Account.is_active,
    ),
)


def resume(session: Session, token: str, kind: str, idle: timedelta, now: datetime) -> Actor | None:
    """The actor of a live session of this kind, or None; notes, at most once a minute, that it was seen."""
    token_hash = digest(token.encode())
    found = _RESUMED.rows(session, token_hash=token_hash, kind=kind, now=now, seen_after=now - idle)
    if not found:
        return None
    account_id, username, display_name, org_code, org_name, last_seen_at, roles = found[0]
    if now - last_seen_at >= timedelta(seconds=LIMITS.session_touch_seconds):
        session.execute(update(LoginSession).where(LoginSession.token_hash == token_hash).values(last_seen_at=now))
    return Actor(
        account_id=account_id,
        username=username,
        display_name=display_name,
        org_code=org_code,
        org_name=org_name,
        roles=frozenset(map(Role, roles or ())),
    )


def actor_of(session: Session, account: Account, org_name: str) -> Actor:
    """The actor that an account is, with its present roles."""
    roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
    return Actor(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        org_code=account.org_code or "",
        org_name=org_name,
        roles=frozenset(Role(role) for role in roles),
    )


OptionalActor = Annotated[Actor | None, Depends(optional_actor)]


async def current_actor(actor: OptionalActor) -> Actor:
    """The signed-in actor; raises ``DirectoryError UNAUTHENTICATED``, which pages turn into the login form."""
    if actor is None:
        raise DirectoryError("UNAUTHENTICATED")
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


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
    if request.method in _SAFE_METHODS or bearer_token(request) is not None:
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
