"""The page of one's access tokens: what is live, making one, revoking one."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.errors import DirectoryError
from directory.tokens import queries
from directory.tokens.make import MOST_DAYS, READING, allowed_scope, make
from directory.tokens.make import revoke as revoke_token
from directory.tokens.words import by_subject
from directory.web.render import page_after

router = APIRouter(include_in_schema=False)

PATH: Final = "/tokens"


@router.get(PATH)
@open_to_signed_in("the reader's own")
def browse(request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The reader's tokens, and the form for one more."""
    return _page(request, session, actor)


@router.post(PATH)
@open_to_signed_in("the reader's own, for no more than they may do themselves")
def make_one(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    name: Annotated[str, Form(max_length=100)] = "",
    valid_days: Annotated[int, Form()] = 90,
    preset: Annotated[str, Form(max_length=10)] = "read",
    scope: Annotated[list[Action] | None, Form()] = None,
) -> Response:
    """Make one; it is shown on the page that answers, and nowhere again."""
    wanted = frozenset(scope or ()) if preset == "chosen" else READING & allowed_scope(actor)
    try:
        with session.begin_nested():
            made = make(session, actor, name, wanted, valid_days, datetime.now(UTC))
    except DirectoryError as error:
        return _page(request, session, actor, error=error, typed={"name": name, "days": valid_days, "scope": wanted})
    response = _page(request, session, actor, token=made.token)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(PATH + "/revocation")
@open_to_signed_in("the reader's own")
def revoke(session: DbSession, actor: CurrentActor, token_id: Annotated[UUID, Form()]) -> Response:
    """Worth nothing from now on."""
    revoke_token(session, actor, token_id, datetime.now(UTC))
    return RedirectResponse(PATH, status_code=303)


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    error: DirectoryError | None = None,
    token: str = "",
    typed: dict[str, object] | None = None,
) -> Response:
    return page_after(
        request,
        "tokens/list.html",
        error,
        found=queries.tokens(session, actor, datetime.now(UTC)),
        allowed=by_subject(allowed_scope(actor)),
        in_words=by_subject,
        most_days=MOST_DAYS,
        token=token,
        typed=typed or {"name": "", "days": 90, "scope": frozenset()},
        is_chosen=typed is not None,
    )
