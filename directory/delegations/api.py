"""Delegations for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.delegations import queries
from directory.delegations.give import Given, delegate
from directory.delegations.give import revoke as revoke_delegation
from directory.delegations.queries import Delegation
from directory.roles import Role

router = APIRouter(prefix="/delegations", tags=["delegations"])


class NewDelegation(BaseModel):
    """One of the caller's own deciding roles, to a colleague by user name; both days are included."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    delegate: Annotated[str, Field(min_length=1, max_length=64)]
    starts_on: date
    ends_on: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.get("")
@open_to_signed_in("those the caller gave or holds; all for the administrators")
def browse(session: DbSession, actor: CurrentActor) -> Sequence[Delegation]:
    """Delegations given and held, the newest first, each as it stands today."""
    return queries.delegations(session, actor, shanghai_today())


@router.post("", status_code=201)
@open_to_signed_in("only a role that the caller holds themselves")
def give(body: NewDelegation, session: DbSession, actor: CurrentActor) -> Delegation:
    """Let a colleague decide in one's place for some days."""
    now = datetime.now(UTC)
    row = delegate(session, actor, Given(**dict(body)), now)
    return queries.delegation(session, actor, row.id, day_of(now))


@router.post("/{delegation_id}/revocation")
@open_to_signed_in("the two people concerned, and the security administrator")
def revoke(delegation_id: UUID, session: DbSession, actor: CurrentActor) -> Delegation:
    """End it at once; what was decided under it stays decided."""
    now = datetime.now(UTC)
    row = revoke_delegation(session, actor, delegation_id, now)
    return queries.delegation(session, actor, row.id, day_of(now))
