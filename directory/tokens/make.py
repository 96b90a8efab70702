"""Make and revoke access tokens: only one's own, never for more than one may, never for ever."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.actions import Action
from directory.actors import TOKEN_PREFIX, Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.permissions import PERMISSIONS
from directory.tokens.models import AccessToken
from standards.crypto import digest

MOST_DAYS: Final = 365
MOST_TOKENS: Final = 20
READING: Final = frozenset(action for action in Action if action.value.endswith(":read"))
"""The preset of a program that only reads."""


@dataclass(frozen=True)
class Made:
    """The token itself, shown once, and its row."""

    token: str
    row: AccessToken


def allowed_scope(actor: Actor) -> frozenset[Action]:
    """What the actor's own roles permit at all; nothing of what they hold for somebody else."""
    return frozenset(action for action in Action if PERMISSIONS[action].keys() & actor.roles)


def make(session: Session, actor: Actor, name: str, scope: Collection[Action], days: int, now: datetime) -> Made:
    """A new token of the actor's for these actions, worth something for so many days.

    Raises ``TOKEN_INVALID`` (name, days, scope beyond the actor's own), ``TOKENS_MANY``.
    """
    if not name.strip() or len(name) > 100:
        raise DirectoryError(
            "TOKEN_INVALID", reason="用途须为 1–100 个字符", reason_en="what it is for is 1 to 100 characters"
        )
    if not 1 <= days <= MOST_DAYS:
        raise DirectoryError(
            "TOKEN_INVALID", reason=f"有效期须为 1–{MOST_DAYS} 天", reason_en=f"it lasts 1 to {MOST_DAYS} days"
        )
    beyond = set(scope) - allowed_scope(actor)
    if not scope or beyond:
        words = f"超出本人权限：{'、'.join(sorted(beyond))}" if beyond else "至少选一项"
        said = f"beyond your own rights: {', '.join(sorted(beyond))}" if beyond else "at least one action"
        reason, reason_en = f"范围不符合要求，{words}", f"its scope: {said}"
        raise DirectoryError("TOKEN_INVALID", reason=reason, reason_en=reason_en)
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update())
    live = select(func.count()).where(
        AccessToken.account_id == actor.account_id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > now
    )
    if (session.scalar(live) or 0) >= MOST_TOKENS:
        raise DirectoryError("TOKENS_MANY", most=MOST_TOKENS)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = AccessToken(
        account_id=actor.account_id,
        name=name.strip(),
        token_hash=digest(token.encode()),
        scope=sorted(scope),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    details = {"scope": ",".join(row.scope), "expires_at": row.expires_at.isoformat(timespec="seconds")}
    record(session, actor, "token:make", str(row.id), details=details, at=now)
    return Made(token, row)


def revoke(session: Session, actor: Actor, token_id: UUID, now: datetime) -> None:
    """Worth nothing from now on. Raises ``TOKEN_NOT_FOUND`` for one that is not the actor's, or not live."""
    ended = (
        update(AccessToken)
        .where(AccessToken.id == token_id, AccessToken.account_id == actor.account_id)
        .where(AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(AccessToken.id)
    )
    if session.scalar(ended) is None:
        raise DirectoryError("TOKEN_NOT_FOUND", token_id=token_id)
    record(session, actor, "token:revoke", str(token_id), at=now)


def revoke_all_of(session: Session, account: Account, now: datetime) -> int:
    """Every live token of an account, because it closes or its password was replaced; how many there were."""
    ended = (
        update(AccessToken)
        .where(AccessToken.account_id == account.id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(AccessToken.id)
    )
    return len(session.scalars(ended).all())
