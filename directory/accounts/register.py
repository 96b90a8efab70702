"""Make accounts: local people with a password and roles, and the service account of the command line."""

import re
import secrets
from collections.abc import Iterable
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole
from directory.accounts.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, hash_password
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.roles import OFFICE_ROLES, ROLE_NAMES, THREE_ADMINS, Role

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
SERVICE_USERNAME = "hutong"


def new_password() -> str:
    """A random password of 144 bits."""
    return secrets.token_urlsafe(18)


def add_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    org_code: str,
    password: str,
    roles: Iterable[Role],
    by: Actor | str = "cli",
) -> Account:
    """Make one account.

    Raises ``ACCOUNT_EXISTS``, ``ACCOUNT_INVALID`` (name, password, an office role outside the office),
    ``ROLES_EXCLUSIVE`` (one of 三员 and another role), ``ORGANISATION_UNKNOWN``.
    """
    held = frozenset(roles)
    if not _USERNAME.fullmatch(username) or username == SERVICE_USERNAME:
        raise DirectoryError(
            "ACCOUNT_INVALID",
            reason="用户名须为 2–32 位小写字母、数字和 . _ -，以字母开头",
            reason_en="a user name is 2 to 32 lower-case letters, digits and . _ -, and begins with a letter",
        )
    if not display_name.strip() or len(display_name) > 100:
        raise DirectoryError(
            "ACCOUNT_INVALID", reason="姓名须为 1–100 个字符", reason_en="a person's name is 1 to 100 characters"
        )
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise DirectoryError(
            "ACCOUNT_INVALID",
            reason=f"密码须为 {MIN_PASSWORD_LENGTH}–{MAX_PASSWORD_LENGTH} 个字符",
            reason_en=f"a password is {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters",
        )
    organisation = session.get(Organisation, org_code)
    if organisation is None:
        raise DirectoryError("ORGANISATION_UNKNOWN", org_code=org_code)
    refuse_roles(held, organisation)
    if session.scalar(select(Account.id).where(Account.username == username)) is not None:
        raise DirectoryError("ACCOUNT_EXISTS", username=username)
    account = Account(
        id=uuid4(),
        username=username,
        display_name=display_name.strip(),
        org_code=org_code,
        password_hash=hash_password(password),
    )
    session.add(account)
    session.flush()
    session.add_all(AccountRole(account_id=account.id, role=role.value) for role in sorted(held))
    session.flush()
    record(session, by, "account:add", username, details={"org_code": org_code, "roles": ",".join(sorted(held))})
    return account


def refuse_roles(held: frozenset[Role], organisation: Organisation) -> None:
    """What one person of a department may not hold together: raises ``ROLES_EXCLUSIVE``, ``ACCOUNT_INVALID``."""
    if held & THREE_ADMINS and len(held) > 1:
        raise DirectoryError("ROLES_EXCLUSIVE")
    if held & OFFICE_ROLES and not organisation.is_office:
        wanted = [role for role in Role if role in held & OFFICE_ROLES]
        names = "、".join(ROLE_NAMES[role] for role in wanted)
        said = f"only the office's people can be {', '.join(wanted)}"
        raise DirectoryError("ACCOUNT_INVALID", reason=f"只有信息办的人员可任{names}", reason_en=said)


def service_actor(session: Session) -> Actor:
    """The actor of the command line: author of what it imports, seeing what the office sees.

    Its account has no organisation and no password, so nobody signs in as it.
    """
    account = session.scalar(select(Account).where(Account.username == SERVICE_USERNAME))
    if account is None:
        account = Account(
            id=uuid4(), username=SERVICE_USERNAME, display_name="命令行", org_code=None, password_hash=None
        )
        session.add(account)
        session.flush()
        record(session, "cli", "account:add", SERVICE_USERNAME)
    return Actor(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        org_code="",
        org_name="",
        roles=frozenset({Role.OFFICE_REVIEWER}),
    )
