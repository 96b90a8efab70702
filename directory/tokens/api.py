"""Access tokens for programs that act as a person signed in; a token itself manages none."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.tokens import queries
from directory.tokens.make import MOST_DAYS, READING, allowed_scope
from directory.tokens.make import make as make_token
from directory.tokens.make import revoke as revoke_token
from directory.tokens.queries import Token

router = APIRouter(prefix="/tokens", tags=["tokens"])


class NewToken(BaseModel):
    """What for, what it may do (empty: everything the caller may read), and for how many days."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scope: Annotated[frozenset[Action], Field(max_length=len(Action))] = frozenset()
    days: Annotated[StrictInt, Field(ge=1, le=MOST_DAYS)] = 90


class NewlyMade(BaseModel):
    """The token, shown this once; send it as ``Authorization: Bearer``."""

    token: str
    made: Token


@router.get("")
@open_to_signed_in("the caller's own")
def browse(session: DbSession, actor: CurrentActor) -> Sequence[Token]:
    """The caller's tokens, the newest first."""
    return queries.tokens(session, actor, datetime.now(UTC))


@router.post("", status_code=201)
@open_to_signed_in("the caller's own, for no more than they may do themselves")
def make(body: NewToken, session: DbSession, actor: CurrentActor) -> NewlyMade:
    """Make one."""
    now = datetime.now(UTC)
    made = make_token(session, actor, body.name, body.scope or READING & allowed_scope(actor), body.days, now)
    return NewlyMade(token=made.token, made=queries.shown(made.row, now))


@router.post("/{token_id}/revocation", status_code=204)
@open_to_signed_in("the caller's own")
def revoke(token_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """Worth nothing from now on."""
    revoke_token(session, actor, token_id, datetime.now(UTC))
    return Response(status_code=204)
