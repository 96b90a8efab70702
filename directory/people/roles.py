"""Roles as the security administrator gives and takes them, never their own; and lockouts, which they lift."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, LoginFailure
from directory.accounts.register import refuse_roles
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.delegations.give import end_of_role
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.organisations.models import Organisation
from directory.people.queries import locked_person
from directory.policy import require
from directory.roles import ROLE_NAMES, Role


def give_role(session: Session, actor: Actor, username: str, role: Role, now: datetime) -> Account:
    """Raises ``FORBIDDEN``, ``PERSON_NOT_FOUND``, ``PERSON_CLOSED``, ``ONESELF``, ``ROLE_HELD``, ``ROLES_EXCLUSIVE``,
    ``ACCOUNT_INVALID`` (an office role outside the office).
    """
    account = _other(session, actor, username)
    if not account.is_active:
        raise DirectoryError("PERSON_CLOSED", username=username)
    held = _held(session, account)
    if role in held:
        raise DirectoryError("ROLE_HELD", username=username, role=ROLE_NAMES[role])
    refuse_roles(held | {role}, session.get_one(Organisation, account.org_code))
    session.add(AccountRole(account_id=account.id, role=role.value, granted_by=actor.account_id, granted_at=now))
    session.flush()
    record(session, actor, "role:give", username, details={"role": role.value}, at=now)
    _tell(session, actor, account, "given", role, now)
    return account


def take_role(session: Session, actor: Actor, username: str, role: Role, now: datetime) -> Account:
    """What they delegated of it ends too. Raises as ``give_role``, ``ROLE_NOT_HELD``."""
    account = _other(session, actor, username)
    if role not in _held(session, account):
        raise DirectoryError("ROLE_NOT_HELD", username=username, role=ROLE_NAMES[role])
    session.execute(delete(AccountRole).where(AccountRole.account_id == account.id, AccountRole.role == role.value))
    ended = end_of_role(session, actor, account, role, now)
    record(session, actor, "role:take", username, details={"role": role.value, "delegations": ended}, at=now)
    _tell(session, actor, account, "taken", role, now)
    return account


def unlock(session: Session, actor: Actor, username: str, now: datetime) -> Account:
    """Forget the failed attempts on an account, from wherever. Raises ``FORBIDDEN``, ``PERSON_NOT_FOUND``."""
    require(actor, Action.LOCKOUT_LIFT, None)
    account = locked_person(session, actor, username)
    session.execute(delete(LoginFailure).where(LoginFailure.username == username))
    record(session, actor, "lockout:lift", username, at=now)
    return account


def _other(session: Session, actor: Actor, username: str) -> Account:
    require(actor, Action.ROLE_GRANT, None)
    account = locked_person(session, actor, username)
    if account.id == actor.account_id:
        raise DirectoryError("ONESELF")
    return account


def _tell(session: Session, actor: Actor, account: Account, what: str, role: Role, now: datetime) -> None:
    to, by, name = To.person(account.id), actor.account_id, ROLE_NAMES[role]
    tell(session, to=to, kind=f"role:{what}", about=None, now=now, by=by, role=name)


def _held(session: Session, account: Account) -> frozenset[Role]:
    found = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
    return frozenset(map(Role, found))
