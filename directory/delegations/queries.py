"""Who sees which delegations, and how each stands today."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session, aliased

from directory.accounts.models import Account, AccountRole
from directory.actions import Action
from directory.actors import Actor
from directory.delegations.models import DelegationRow
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.policy import NOWHERE, allows
from directory.roles import DELEGATED_ROLES, ROLE_NAMES, THREE_ADMINS, Role

State = Literal["coming", "running", "over", "revoked", "void"]
STATE_NAMES = {
    "coming": "尚未开始",
    "running": "代理中",
    "over": "已到期",
    "revoked": "已收回",
    "void": "不再有效：委托人已离岗、调离或不再任此角色",
}


class Delegation(BaseModel):
    """One delegation as it stands on a day; ``is_mine`` where the reader gave it or holds it, and may end it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    role: Role
    role_name: str
    org_name: str
    delegator: str
    delegator_name: str
    delegate: str
    delegate_name: str
    starts_on: date
    ends_on: date
    reason: str
    created_at: datetime
    revoked_at: datetime | None
    state: State
    state_name: str
    may_revoke: bool


def delegations(session: Session, actor: Actor, today: date) -> Sequence[Delegation]:
    """Those the actor gave or holds, and all of them for the administrators who oversee roles; the newest first."""
    sees_all = allows(actor, Action.PEOPLE_READ, NOWHERE)
    mine = or_(DelegationRow.delegator_id == actor.account_id, DelegationRow.delegate_id == actor.account_id)
    return _read(session, actor, true() if sees_all else mine, today)


def delegation(session: Session, actor: Actor, delegation_id: UUID, today: date) -> Delegation:
    """One that was just given or ended."""
    return _read(session, actor, DelegationRow.id == delegation_id, today)[0]


def colleagues(session: Session, actor: Actor) -> Sequence[tuple[str, str]]:
    """User name and name of whoever in the actor's department may hold a role for them."""
    admins = select(AccountRole.account_id).where(AccountRole.role.in_([role.value for role in THREE_ADMINS]))
    query = (
        select(Account.username, Account.display_name)
        .where(Account.org_code == actor.org_code, Account.is_active, Account.id != actor.account_id)
        .where(Account.id.not_in(admins))
    )
    return [(row.username, row.display_name) for row in session.execute(query.order_by(Account.display_name))]


def own_roles(actor: Actor) -> tuple[Role, ...]:
    """The actor's own roles that can be delegated, in the order of the table."""
    return tuple(role for role in Role if role in actor.roles & DELEGATED_ROLES)


def _read(session: Session, actor: Actor, condition: object, today: date) -> Sequence[Delegation]:
    giver, holder = aliased(Account), aliased(Account)
    held = select(AccountRole.role).where(AccountRole.account_id == giver.id, AccountRole.role == DelegationRow.role)
    is_sound = giver.is_active & holder.is_active & (giver.org_code == holder.org_code) & held.exists()
    query = (
        select(DelegationRow, giver, holder, Organisation.name, is_sound)
        .join(giver, giver.id == DelegationRow.delegator_id)
        .join(holder, holder.id == DelegationRow.delegate_id)
        .join(Organisation, Organisation.code == giver.org_code)
        .where(condition)  # type: ignore[arg-type]
        .order_by(DelegationRow.created_at.desc())
    )
    may_any = allows(actor, Action.ROLE_GRANT, NOWHERE)
    found = []
    for row, by, to, org_name, sound in session.execute(query.limit(LIMITS.list_count)):
        state = _state(row, today, is_sound=sound)
        is_open = row.revoked_at is None and row.ends_on >= today
        found.append(
            Delegation(
                id=row.id,
                role=Role(row.role),
                role_name=ROLE_NAMES[Role(row.role)],
                org_name=org_name,
                delegator=by.username,
                delegator_name=by.display_name,
                delegate=to.username,
                delegate_name=to.display_name,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                reason=row.reason,
                created_at=row.created_at,
                revoked_at=row.revoked_at,
                state=state,
                state_name=STATE_NAMES[state],
                may_revoke=is_open and (may_any or actor.account_id in {by.id, to.id}),
            )
        )
    return found


def _state(row: DelegationRow, today: date, *, is_sound: bool) -> State:
    if row.revoked_at is not None:
        return "revoked"
    if today > row.ends_on:
        return "over"
    if not is_sound:
        return "void"
    return "coming" if today < row.starts_on else "running"
