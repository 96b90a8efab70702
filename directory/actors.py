"""Who is calling: a session, from a Bearer token or the browser's cookie, with the roles they hold now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import Date, Select, bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from directory.accounts.models import Account, AccountRole, LoginSession
from directory.actions import Action
from directory.clock.deadlines import day_of
from directory.db import DbSession
from directory.declared import declared, require_scope
from directory.delegations.held import Delegated
from directory.delegations.models import DelegationRow
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.roles import THREE_ADMINS, Role
from directory.statements.prepared import Prepared
from directory.tokens.models import AccessToken
from standards.crypto import digest

SESSION_COOKIE = "hutong_session"

TOKEN_PREFIX = "hutong_"  # noqa: S105 - how an access token begins, which tells it from a session's

F = TypeVar("F", bound=Callable[..., object])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles they hold now; read anew on every request, so a change acts at once.

    ``delegated`` are the roles they hold for colleagues today; ``behalf`` is the one in whose capacity they act, which
    only ``policy.require`` and ``policy.capacities`` set. ``scope`` bounds a program with an access token.
    """

    account_id: UUID
    username: str
    display_name: str
    org_code: str
    org_name: str
    roles: frozenset[Role]
    delegated: tuple[Delegated, ...] = ()
    behalf: Delegated | None = None
    scope: frozenset[Action] | None = None
    must_change_password: bool = False

    @property
    def held_roles(self) -> frozenset[Role]:
        """Their own roles and those held for others."""
        return self.roles | {each.role for each in self.delegated} | ({self.behalf.role} if self.behalf else set())

    @property
    def people(self) -> frozenset[UUID]:
        """Who acts: they, and whoever they act for; what must be distinct people is counted by both."""
        return frozenset({self.account_id} if self.behalf is None else {self.account_id, self.behalf.delegator_id})

    @property
    def signature(self) -> str:
        """The name under what they do: 李四（代张三）."""
        return self.display_name if self.behalf is None else f"{self.display_name}（代{self.behalf.delegator_name}）"

    @property
    def decided_for(self) -> UUID | None:
        """Whose role it is, where it is not their own."""
        return self.behalf.delegator_id if self.behalf else None

    @property
    def delegation_id(self) -> UUID | None:
        """Under which delegation, then."""
        return self.behalf.delegation_id if self.behalf else None


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
    now = datetime.now(UTC)
    if kind == "api" and token.startswith(TOKEN_PREFIX):
        actor = _actor_of_token(session, token, now)
    else:
        idle = timedelta(minutes=request.app.state.settings.session_idle_minutes)
        actor = resume(session, token, kind, idle, now)
    request.state.actor = actor  # for the head of every page, error pages too
    return actor


def _standing() -> Select[Any]:
    """Whoever holds a session or token, their roles, and the roles they hold for colleagues on ``today``.

    A delegation counts while its delegator is there and still holds the role, in the same department.
    """
    delegator = aliased(Account)
    held = select(AccountRole.role).where(
        AccountRole.account_id == delegator.id, AccountRole.role == DelegationRow.role
    )
    delegated = (
        select(
            func.jsonb_agg(
                func.jsonb_build_array(
                    DelegationRow.id, DelegationRow.role, delegator.id, delegator.username, delegator.display_name
                )
            )
        )
        .join(delegator, delegator.id == DelegationRow.delegator_id)
        .where(
            DelegationRow.delegate_id == Account.id,
            DelegationRow.revoked_at.is_(None),
            bindparam("today", type_=Date).between(DelegationRow.starts_on, DelegationRow.ends_on),
            delegator.is_active,
            delegator.org_code == Account.org_code,
            held.exists(),
        )
    )
    roles = select(func.array_agg(AccountRole.role)).where(AccountRole.account_id == Account.id)
    return select(
        Account.id,
        Account.username,
        Account.display_name,
        Account.org_code,
        Organisation.name,
        Account.one_time_until,
        roles.correlate(Account).scalar_subquery().label("roles"),
        delegated.correlate(Account).scalar_subquery().label("delegated"),
    ).join(Organisation, Organisation.code == Account.org_code)


# Asked on every request, so they are planned once, and bring the roles along.
_RESUMED = Prepared(
    "resumed_actor",
    _standing()
    .add_columns(LoginSession.last_seen_at)
    .join(LoginSession, LoginSession.account_id == Account.id)
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.kind == bindparam("kind"),
        LoginSession.ends_at > bindparam("now"),
        LoginSession.last_seen_at > bindparam("seen_after"),
        Account.is_active,
    ),
)
_SHOWN = Prepared(
    "actor_of_access_token",
    _standing()
    .add_columns(AccessToken.id, AccessToken.scope, AccessToken.last_used_at)
    .join(AccessToken, AccessToken.account_id == Account.id)
    .where(
        AccessToken.token_hash == bindparam("token_hash"),
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > bindparam("now"),
        Account.is_active,
        Account.one_time_until.is_(None),
    ),
)


def resume(session: Session, token: str, kind: str, idle: timedelta, now: datetime) -> Actor | None:
    """The actor of a live session of this kind, or None; notes, at most once a minute, that it was seen."""
    token_hash = digest(token.encode())
    found = _RESUMED.rows(session, token_hash=token_hash, kind=kind, now=now, seen_after=now - idle, today=day_of(now))
    if not found:
        return None
    *standing, last_seen_at = found[0]
    if now - last_seen_at >= timedelta(seconds=LIMITS.session_touch_seconds):
        session.execute(update(LoginSession).where(LoginSession.token_hash == token_hash).values(last_seen_at=now))
    return _actor(*standing)


def _actor_of_token(session: Session, token: str, now: datetime) -> Actor | None:
    """The actor a live access token speaks for: within its scope, and without the roles held for colleagues.

    Notes, at most once a minute, when it was last used.
    """
    found = _SHOWN.rows(session, token_hash=digest(token.encode()), now=now, today=day_of(now))
    if not found:
        return None
    *standing, token_id, scope, last_used_at = found[0]
    if last_used_at is None or now - last_used_at >= timedelta(seconds=LIMITS.session_touch_seconds):
        session.execute(update(AccessToken).where(AccessToken.id == token_id).values(last_used_at=now))
    known = frozenset(map(str, Action))  # an action that a later version no longer has permits nothing
    return replace(_actor(*standing), delegated=(), scope=frozenset(Action(each) for each in scope if each in known))


def _actor(
    account_id: UUID,
    username: str,
    display_name: str,
    org_code: str,
    org_name: str,
    one_time_until: datetime | None,
    roles: Sequence[str] | None,
    delegated: Sequence[Sequence[str]] | None,
) -> Actor:
    own = frozenset(map(Role, roles or ()))
    held = [
        Delegated(UUID(delegation_id), Role(role), UUID(delegator_id), name, shown)
        for delegation_id, role, delegator_id, name, shown in (delegated or ())
    ]
    return Actor(
        account_id=account_id,
        username=username,
        display_name=display_name,
        org_code=org_code,
        org_name=org_name,
        roles=own,
        delegated=() if own & THREE_ADMINS else tuple(sorted(held, key=lambda each: (each.role, each.delegation_id))),
        must_change_password=one_time_until is not None,
    )


def present_actor(session: Session, account_id: UUID, now: datetime) -> Actor | None:
    """Who somebody is now, for what goes on without them; None for who may no longer act."""
    mine = _standing().where(Account.id == account_id, Account.is_active, Account.one_time_until.is_(None))
    found = session.execute(mine, {"today": day_of(now)}).one_or_none()
    return None if found is None else _actor(*found)


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


async def current_actor(request: Request, actor: OptionalActor) -> Actor:
    """The signed-in actor.

    Raises ``UNAUTHENTICATED``, which pages turn into the login form; ``PASSWORD_ONE_TIME`` until a password that
    somebody else made has been changed, which they turn into the form for it; and ``TOKEN_SCOPE`` where this route is
    out of an access token's scope.
    """
    if actor is None:
        raise DirectoryError("UNAUTHENTICATED")
    endpoint = request.scope["endpoint"]
    if actor.must_change_password and not getattr(endpoint, "changes_password", False):
        raise DirectoryError("PASSWORD_ONE_TIME")
    require_scope(actor, declared(endpoint), is_safe=request.method in SAFE_METHODS)
    return actor


def changes_password(endpoint: F) -> F:
    """Mark an endpoint that whoever signed in with a one-time password may still use."""
    endpoint.changes_password = True  # type: ignore[attr-defined]
    return endpoint


CurrentActor = Annotated[Actor, Depends(current_actor)]
