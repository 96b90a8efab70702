"""Sessions for programs."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from directory.accounts.sign_in import sign_in, sign_out
from directory.actors import SESSION_COOKIE, CurrentActor, bearer_token
from directory.db import DbSession
from directory.declared import open_to_public, open_to_signed_in
from directory.errors import DirectoryError
from directory.http.forged import csrf_secret, csrf_token
from directory.http.handlers import answer
from directory.roles import ROLE_NAMES, Role

router = APIRouter(tags=["accounts"])


class Credentials(BaseModel):
    """User name and password."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class Token(BaseModel):
    """What to send as ``Authorization: Bearer``, and until when."""

    token: str
    ends_at: datetime


class Me(BaseModel):
    """The caller as the directory sees them. ``csrf_token`` goes with the browser's cookie only."""

    username: str
    display_name: str
    org_code: str
    org_name: str
    roles: list[Role]
    role_names: list[str]
    csrf_token: str | None


@router.post("/session", response_model=Token)
@open_to_public("signing in")
def begin_session(body: Credentials, request: Request, session: DbSession) -> Response | Token:
    """A token for a program; 401 ``LOGIN_FAILED``, 429 ``LOGIN_LOCKED``."""
    outcome = sign_in(
        session,
        username=body.username,
        password=body.password,
        address=request.client.host if request.client else "",
        kind="api",
        hours=request.app.state.settings.session_hours,
        now=datetime.now(UTC),
    )
    if isinstance(outcome, DirectoryError):
        return answer(request, outcome)
    return Token(token=outcome.token, ends_at=outcome.ends_at)


@router.delete("/session", status_code=204)
@open_to_signed_in("ends the caller's own session")
def end_session(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The token, or the browser's session, is worth nothing from now on."""
    sign_out(session, bearer_token(request) or request.cookies[SESSION_COOKIE], datetime.now(UTC))
    response = JSONResponse(None, status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@router.get("/me")
@open_to_signed_in("the caller themselves")
def me(request: Request, actor: CurrentActor) -> Me:
    """Who the caller is and which roles they hold."""
    return Me(
        username=actor.username,
        display_name=actor.display_name,
        org_code=actor.org_code,
        org_name=actor.org_name,
        roles=sorted(actor.roles),
        role_names=[ROLE_NAMES[role] for role in Role if role in actor.roles],
        csrf_token=None if bearer_token(request) else csrf_token(csrf_secret(request)),
    )
