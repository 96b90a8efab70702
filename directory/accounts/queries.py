"""Look up accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole
from directory.actors import Actor, actor_of
from directory.organisations.models import Organisation


@dataclass(frozen=True)
class AccountLine:
    """One line of ``hutong user list``."""

    username: str
    display_name: str
    org_name: str
    roles: tuple[str, ...]
    is_active: bool


def has_accounts(session: Session) -> bool:
    """Whether anybody could sign in at all."""
    return bool(session.scalar(select(select(Account.id).exists())))


def account_lines(session: Session) -> Sequence[AccountLine]:
    """Every account, by user name."""
    rows = session.execute(
        select(Account, Organisation.name, func.array_agg(AccountRole.role))
        .outerjoin(Organisation, Organisation.code == Account.org_code)
        .outerjoin(AccountRole, AccountRole.account_id == Account.id)
        .group_by(Account.id, Organisation.name)
        .order_by(Account.username)
    )
    return [
        AccountLine(
            username=account.username,
            display_name=account.display_name,
            org_name=org_name or "",
            roles=tuple(sorted(role for role in roles if role)),
            is_active=account.is_active,
        )
        for account, org_name, roles in rows
    ]


def actor_named(session: Session, username: str) -> Actor | None:
    """The actor of an active account of a person, for verbs called outside HTTP."""
    row = session.execute(
        select(Account, Organisation.name)
        .join(Organisation, Organisation.code == Account.org_code)
        .where(Account.username == username, Account.is_active)
    ).one_or_none()
    return actor_of(session, row[0], row[1]) if row else None


def display_names(session: Session, account_ids: Sequence[object]) -> dict[object, str]:
    """Names for showing, by account id."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(account_ids)))
    return {row.id: row.display_name for row in rows}


def names_of(session: Session, usernames: Collection[str]) -> Mapping[str, str]:
    """Names for showing, by user name, of those there are."""
    rows = session.execute(select(Account.username, Account.display_name).where(Account.username.in_(usernames)))
    return {row.username: row.display_name for row in rows}
