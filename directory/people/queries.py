"""Who sees which people: the three administrators everybody, heads and leads their own department."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, LoginFailure
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.policy import NOWHERE, allows, require
from directory.roles import ROLE_NAMES, Role

Standing = Literal["", "no_role", "locked", "expired", "closed", "orphaned"]
"""What makes an account somebody's task: it has no role; sign-in is locked; nobody changed its one-time password while
that was valid; it is closed; it is open though others have taken over from its department."""


class Someone(BaseModel):
    """A person with their roles; ``is_locked`` after too many failed sign-ins, until the pause is over or lifted.

    ``has_one_time_password``: it is valid until then and has not been changed yet.
    """

    model_config = ConfigDict(frozen=True)

    username: str
    display_name: str
    org_code: str
    org_name: str
    roles: tuple[Role, ...]
    role_names: tuple[str, ...]
    is_active: bool
    is_locked: bool
    one_time_until: datetime | None
    created_at: datetime


class People(BaseModel):
    """One page, by user name; ``next`` continues it."""

    model_config = ConfigDict(frozen=True)

    total: int
    items: Sequence[Someone]
    next: str | None


def people(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    q: str = "",
    org_code: str = "",
    role: Role | None = None,
    standing: Standing = "",
    after: str = "",
    size: int = LIMITS.page_count,
) -> People:
    """The people the actor sees, by user name, name or department; raises ``FORBIDDEN``."""
    where = [_visible(actor)]
    if q.strip():
        wanted = f"%{q.strip().replace('%', '').replace('_', '')}%"
        where.append(or_(Account.username.ilike(wanted), Account.display_name.ilike(wanted)))
    if org_code:
        where.append(Account.org_code == org_code)
    if role is not None:
        where.append(exists().where(AccountRole.account_id == Account.id, AccountRole.role == role.value))
    if standing:
        where.append(standing_condition(standing, now))
    total = session.scalar(select(func.count()).select_from(Account).where(*where)) or 0
    rows = _read(session, [*where, Account.username > after], now, size + 1)
    return People(total=total, items=rows[:size], next=rows[size - 1].username if len(rows) > size else None)


def standing_condition(standing: Standing, now: datetime) -> ColumnElement[bool]:
    """Of a person's account."""
    has_role = exists().where(AccountRole.account_id == Account.id)
    closed = select(Organisation.code).where(Organisation.closed_on.is_not(None)).correlate(None)
    match standing:
        case "no_role":
            return and_(Account.is_active, ~has_role)
        case "locked":
            return and_(Account.is_active, _locked(now))
        case "expired":
            return and_(Account.is_active, Account.one_time_until <= now)
        case "closed":
            return ~Account.is_active
        case "orphaned":
            return and_(Account.is_active, Account.org_code.in_(closed))
        case _:
            return true()


def _locked(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        LoginFailure.username == Account.username,
        LoginFailure.failed_count >= LIMITS.login_tries,
        LoginFailure.last_failed_at > now - timedelta(seconds=LIMITS.login_pause_seconds),
    )


def person(session: Session, actor: Actor, username: str, now: datetime) -> Someone:
    """One of them; ``PERSON_NOT_FOUND`` where there is none, or none for this actor to see."""
    found = _read(session, [_visible(actor), Account.username == username], now, 1)
    if not found:
        raise DirectoryError("PERSON_NOT_FOUND", username=username)
    return found[0]


def locked_person(session: Session, actor: Actor, username: str) -> Account:
    """The account's row, locked until the transaction ends; ``PERSON_NOT_FOUND``."""
    query = select(Account).where(_visible(actor), Account.username == username).with_for_update()
    account = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if account is None:
        raise DirectoryError("PERSON_NOT_FOUND", username=username)
    return account


def _visible(actor: Actor) -> ColumnElement[bool]:
    """People only: a service's account has no department."""
    require(actor, Action.PEOPLE_READ, actor.org_code)
    if allows(actor, Action.PEOPLE_READ, NOWHERE):  # no department has this code
        return Account.org_code.is_not(None)
    return Account.org_code == actor.org_code


def _read(session: Session, where: Sequence[ColumnElement[bool]], now: datetime, size: int) -> list[Someone]:
    roles = select(func.array_agg(AccountRole.role)).where(AccountRole.account_id == Account.id).scalar_subquery()
    query = (
        select(Account, Organisation.name, roles, _locked(now))
        .join(Organisation, Organisation.code == Account.org_code)
        .where(true(), *where)
        .order_by(Account.username)
        .limit(size)
    )
    found = []
    for account, org_name, held, is_locked in session.execute(query):
        ordered = tuple(each for each in Role if each.value in (held or ()))
        found.append(
            Someone(
                username=account.username,
                display_name=account.display_name,
                org_code=account.org_code,
                org_name=org_name,
                roles=ordered,
                role_names=tuple(ROLE_NAMES[each] for each in ordered),
                is_active=account.is_active,
                is_locked=is_locked,
                one_time_until=account.one_time_until,
                created_at=account.created_at,
            )
        )
    return found
