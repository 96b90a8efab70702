"""An owner's access tokens."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.limits import LIMITS
from directory.tokens.models import AccessToken


class Token(BaseModel):
    """One token without the token: what for, how far, until when, when last used."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    scope: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    is_live: bool


def tokens(session: Session, actor: Actor, now: datetime) -> Sequence[Token]:
    """The actor's own, the newest first; those that are over stay listed."""
    query = select(AccessToken).where(AccessToken.account_id == actor.account_id)
    rows = session.scalars(query.order_by(AccessToken.created_at.desc()).limit(LIMITS.list_count))
    return [shown(row, now) for row in rows]


def shown(row: AccessToken, now: datetime) -> Token:
    """One as API, pages and commands show it."""
    return Token(
        id=row.id,
        name=row.name,
        scope=tuple(row.scope),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        is_live=row.revoked_at is None and row.expires_at > now,
    )
