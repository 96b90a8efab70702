"""Accounts as the system administrator keeps them: made, closed, opened again, given a password for once.

Whoever makes an account gives it no role: that is the security administrator's hand (``roles``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, LoginSession
from directory.accounts.passwords import hash_password
from directory.accounts.register import add_account, new_password
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details, record
from directory.delegations.give import end_all_of
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.people.queries import locked_person
from directory.policy import require
from directory.roles import Role
from directory.tokens.make import revoke_all_of

ONE_TIME_DAYS: Final = 7


@dataclass(frozen=True)
class Opened:
    """An account and the password with which its owner signs in once, to make their own; shown this once."""

    account: Account
    one_time_password: str


def open_account(
    session: Session, actor: Actor, *, username: str, display_name: str, org_code: str, now: datetime
) -> Opened:
    """Make an account without a role. Raises ``FORBIDDEN`` and what ``add_account`` raises."""
    require(actor, Action.PEOPLE_EDIT, org_code)
    password = new_password()
    account = add_account(
        session,
        username=username,
        display_name=display_name,
        org_code=org_code,
        password=password,
        roles=(),
        by=actor,
    )
    account.one_time_until = now + timedelta(days=ONE_TIME_DAYS)
    session.flush()
    return Opened(account, password)


def close(session: Session, actor: Actor, username: str, now: datetime) -> Account:
    """Whoever left is nobody here from now on: no session, no token, no role, no delegation given or held.

    What they decided stays. Raises ``FORBIDDEN``, ``PERSON_NOT_FOUND``, ``PERSON_CLOSED``, ``ONESELF``.
    """
    require(actor, Action.PEOPLE_EDIT, None)
    account = locked_person(session, actor, username)
    if account.id == actor.account_id:
        raise DirectoryError("ONESELF")
    if not account.is_active:
        raise DirectoryError("PERSON_CLOSED", username=username)
    ended = end_all_of(session, actor, account, now)
    tokens = revoke_all_of(session, account, now)
    session.execute(delete(LoginSession).where(LoginSession.account_id == account.id))
    taken = delete(AccountRole).where(AccountRole.account_id == account.id).returning(AccountRole.role)
    roles = sorted(session.scalars(taken))
    account.is_active = False
    session.flush()
    details: Details = {"roles": ",".join(roles), "delegations": ended, "tokens": tokens}
    record(session, actor, "account:close", username, details=details, at=now)
    to = [To.everywhere(Role.SECURITY_ADMIN)]
    if account.org_code is not None:
        to += [To.holders(role, account.org_code) for role in (Role.DEPARTMENT_HEAD, Role.SHARING_LEAD)]
    name = account.display_name
    tell(session, to=to, kind="account:closed", about=None, now=now, by=actor.account_id, name=name)
    return account


def reopen(session: Session, actor: Actor, username: str, now: datetime) -> Opened:
    """Who came back: without a role, with a password for once. Raises as ``close``, ``PERSON_OPEN``."""
    require(actor, Action.PEOPLE_EDIT, None)
    account = locked_person(session, actor, username)
    if account.is_active:
        raise DirectoryError("PERSON_OPEN", username=username)
    account.is_active = True
    return _replace(session, actor, account, "account:reopen", now)


def reset_password(session: Session, actor: Actor, username: str, now: datetime) -> Opened:
    """A password for once in place of a forgotten one; sessions and tokens end. Raises as ``close``."""
    require(actor, Action.PEOPLE_EDIT, None)
    account = locked_person(session, actor, username)
    if account.id == actor.account_id:
        raise DirectoryError("ONESELF")
    if not account.is_active:
        raise DirectoryError("PERSON_CLOSED", username=username)
    by, name = actor.account_id, account.display_name
    tell(session, to=To.person(account.id), kind="account:your_password_reset", about=None, now=now, by=by)
    security = To.everywhere(Role.SECURITY_ADMIN)
    tell(session, to=security, kind="account:password_reset", about=None, now=now, by=by, name=name)
    return _replace(session, actor, account, "account:reset_password", now)


def _replace(session: Session, actor: Actor, account: Account, action: str, now: datetime) -> Opened:
    password = new_password()
    account.password_hash = hash_password(password)
    account.one_time_until = now + timedelta(days=ONE_TIME_DAYS)
    revoke_all_of(session, account, now)
    session.execute(delete(LoginSession).where(LoginSession.account_id == account.id))
    session.flush()
    record(session, actor, action, account.username, at=now)
    return Opened(account, password)
