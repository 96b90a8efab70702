"""Give one's deciding role to a colleague for some days, and take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.clock.deadlines import day_of
from directory.delegations.models import DelegationRow
from directory.errors import DirectoryError
from directory.notices.tell import To, tell
from directory.policy import NOWHERE, allows
from directory.roles import DELEGATED_ROLES, ROLE_NAMES, THREE_ADMINS, Role
from directory.typed import require_words
from standards.crypto import digest_hex

MOST_DAYS: Final = 92
FARTHEST_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class Given:
    """Which role to whom, from which day to which (both included), and why."""

    role: Role
    delegate: str
    starts_on: date
    ends_on: date
    reason: str


def delegate(session: Session, actor: Actor, given: Given, now: datetime) -> DelegationRow:
    """Let a colleague of the same department hold one of the actor's own deciding roles for a time.

    Never one that the actor holds for somebody else: a delegate cannot delegate. Raises ``DELEGATION_ROLE``,
    ``DELEGATION_DAYS``, ``DELEGATE_UNFIT``, ``DELEGATION_OVERLAPS``, ``COMMENT_REQUIRED``.
    """
    if given.role not in DELEGATED_ROLES & actor.roles:
        raise DirectoryError("DELEGATION_ROLE", role=ROLE_NAMES[given.role])
    days, today = (given.ends_on - given.starts_on).days + 1, day_of(now)
    if not 1 <= days <= MOST_DAYS or given.ends_on < today or given.starts_on > today + FARTHEST_AHEAD:
        raise DirectoryError("DELEGATION_DAYS", most=MOST_DAYS, today=today.isoformat())
    require_words(given.reason)
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update())  # one after the other
    colleague = _colleague(session, actor, given.delegate)
    overlapping = select(DelegationRow.id).where(
        DelegationRow.delegator_id == actor.account_id,
        DelegationRow.role == given.role.value,
        DelegationRow.revoked_at.is_(None),
        DelegationRow.starts_on <= given.ends_on,
        DelegationRow.ends_on >= given.starts_on,
    )
    if session.scalar(overlapping) is not None:
        raise DirectoryError("DELEGATION_OVERLAPS", role=ROLE_NAMES[given.role])
    row = DelegationRow(
        role=given.role.value,
        delegator_id=actor.account_id,
        delegate_id=colleague.id,
        starts_on=max(given.starts_on, today),
        ends_on=given.ends_on,
        reason=given.reason.strip(),
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {
        "role": row.role,
        "delegate": colleague.username,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "reason_digest": digest_hex(row.reason.encode()),
    }
    record(session, actor, "delegation:give", str(row.id), details=details, at=now)
    tell(
        session,
        to=To.person(colleague.id),
        kind="delegation:given",
        about=None,
        now=now,
        by=actor.account_id,
        name=actor.display_name,
        role=ROLE_NAMES[given.role],
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
    )
    return row


def revoke(session: Session, actor: Actor, delegation_id: UUID, now: datetime) -> DelegationRow:
    """End a delegation at once: by whoever gave it, whoever holds it, or the security administrator.

    Raises ``DELEGATION_NOT_FOUND``, ``DELEGATION_OVER``.
    """
    query = select(DelegationRow).where(DelegationRow.id == delegation_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    hands = {row.delegator_id, row.delegate_id} if row else set()
    may_any = allows(actor, Action.ROLE_GRANT, NOWHERE)
    if row is None or not (may_any or actor.account_id in hands):
        raise DirectoryError("DELEGATION_NOT_FOUND", delegation_id=delegation_id)
    if row.revoked_at is not None or row.ends_on < day_of(now):
        raise DirectoryError("DELEGATION_OVER")
    _end(session, actor, row, now)
    return row


def end_all_of(session: Session, actor: Actor, account: Account, now: datetime) -> int:
    """End every delegation that somebody gave or holds, because their account closes; how many there were."""
    query = select(DelegationRow).where(
        or_(DelegationRow.delegator_id == account.id, DelegationRow.delegate_id == account.id),
        DelegationRow.revoked_at.is_(None),
        DelegationRow.ends_on >= day_of(now),
    )
    rows: Sequence[DelegationRow] = session.scalars(query.with_for_update()).all()
    for row in rows:
        _end(session, actor, row, now)
    return len(rows)


def end_of_role(session: Session, actor: Actor, account: Account, role: Role, now: datetime) -> int:
    """End what somebody delegated of a role that was taken from them; how many there were."""
    query = select(DelegationRow).where(
        DelegationRow.delegator_id == account.id,
        DelegationRow.role == role.value,
        DelegationRow.revoked_at.is_(None),
        DelegationRow.ends_on >= day_of(now),
    )
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        _end(session, actor, row, now)
    return len(rows)


def _end(session: Session, actor: Actor, row: DelegationRow, now: datetime) -> None:
    row.revoked_at, row.revoked_by = now, actor.account_id
    session.flush()
    record(session, actor, "delegation:revoke", str(row.id), details={"role": row.role}, at=now)
    tell(
        session,
        to=[To.person(each) for each in (row.delegator_id, row.delegate_id) if each != actor.account_id],
        kind="delegation:ended",
        about=None,
        now=now,
        by=actor.account_id,
        giver=session.get_one(Account, row.delegator_id).display_name,
        holder=session.get_one(Account, row.delegate_id).display_name,
        role=ROLE_NAMES[Role(row.role)],
    )


def _colleague(session: Session, actor: Actor, username: str) -> Account:
    """An account of the same department that may decide at all; the three administrators decide no business."""
    found = session.scalar(
        select(Account).where(Account.username == username, Account.org_code == actor.org_code, Account.is_active)
    )
    if found is None or found.id == actor.account_id:
        raise DirectoryError(
            "DELEGATE_UNFIT",
            reason="须是本部门另一位在岗人员",
            reason_en="it must be another person of this department, with an open account",
        )
    admins = select(AccountRole.role).where(
        AccountRole.account_id == found.id, AccountRole.role.in_([role.value for role in THREE_ADMINS])
    )
    if session.scalar(admins) is not None:
        raise DirectoryError(
            "DELEGATE_UNFIT",
            reason="系统、安全、审计管理员不得代理业务审批",
            reason_en="none of the three administrators decides for others",
        )
    return found
