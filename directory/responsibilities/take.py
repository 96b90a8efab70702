"""Name a responsible department, and every later step: answered, decided, catalogued, taken back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.clock.deadlines import day_of
from directory.demands.models import DemandItem
from directory.demands.queries import demand
from directory.demands.states import DONE
from directory.errors import DirectoryError
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.queries import find
from directory.responsibilities.models import Responsibility, ResponsibilityStep
from directory.responsibilities.queries import responsibility
from directory.responsibilities.states import ACT_NAMES, LIVE, MOVES, STATE_NAMES, Act, legal
from directory.responsibilities.telling import tell_step
from directory.typed import is_legible
from standards.crypto import digest_hex

FARTHEST_AHEAD: Final = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Assigned:
    """Which department must catalogue and provide what, by when, on which basis; perhaps an item of a demand."""

    org_code: str
    name: str
    basis: str
    due_on: date
    demand_id: UUID | None = None
    demand_number: int | None = None


def assign(session: Session, actor: Actor, assigned: Assigned, now: datetime) -> Responsibility:
    """Put a department on the list.

    Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``RESPONSIBILITY_INVALID``, ``RESPONSIBILITY_EXISTS``,
    ``DEMAND_NOT_FOUND``, ``DEMAND_CLOSED``.
    """
    require(actor, Action.RESPONSIBILITY_ASSIGN, None)
    own = organisation(session, assigned.org_code)
    name = assigned.name.strip()
    if assigned.demand_id is not None:
        name = _demanded(session, actor, assigned, name)
    today = day_of(now)
    if not name:
        raise DirectoryError("RESPONSIBILITY_INVALID", reason="没有写要编目的数据")
    if not assigned.basis.strip():
        raise DirectoryError("RESPONSIBILITY_INVALID", reason="没有写职责依据")
    if not today <= assigned.due_on <= today + FARTHEST_AHEAD:
        span = f"{today.isoformat()} 至 {(today + FARTHEST_AHEAD).isoformat()}"
        raise DirectoryError("RESPONSIBILITY_INVALID", reason=f"期限应在 {span} 之间")
    row = Responsibility(
        id=uuid4(),
        org_code=own.code,
        name=name,
        basis=assigned.basis.strip(),
        due_on=assigned.due_on,
        demand_id=assigned.demand_id,
        demand_number=assigned.demand_number,
        assigned_by=actor.account_id,
        assigned_at=now,
        state=Act.ASSIGNED.value,
        step_seq=0,
    )
    session.add(row)
    _step(session, actor, row, Act.ASSIGNED, "", now)
    details: Details = {"org_code": own.code, "due_on": row.due_on.isoformat()}
    tell_step(session, actor, row, Act.ASSIGNED, now)
    record_audit(session, actor, "responsibility:assign", str(row.id), at=now, details=details)
    session.flush()
    return row


def take(
    session: Session, actor: Actor, responsibility_id: UUID, act: Act, now: datetime, *, reason: str = "", ref: str = ""
) -> Responsibility:
    """Take one step of ``states.MOVES``; ``ref`` is the entry in which the data are catalogued.

    Raises ``RESPONSIBILITY_NOT_FOUND``, ``FORBIDDEN``, ``RESPONSIBILITY_STATE``, ``SELF_APPROVAL``,
    ``COMMENT_REQUIRED``, ``RESPONSIBILITY_ENTRY`` and what ``find`` raises.
    """
    row = responsibility(session, actor, responsibility_id, lock=True)
    move = MOVES.get(act)
    if move is None or row.state not in move.sources:
        offered = "、".join(ACT_NAMES[each] for each in legal(row.state)) or "没有可办的"
        raise DirectoryError(
            "RESPONSIBILITY_STATE", state=STATE_NAMES[row.state], act=ACT_NAMES[act], act_en=act, offered=offered
        )
    actor = require(actor, move.action, row.org_code)
    if act is not Act.WITHDRAWN and row.assigned_by in actor.people:
        raise DirectoryError("SELF_APPROVAL")
    if move.needs_reason and not is_legible(reason):
        raise DirectoryError("COMMENT_REQUIRED")
    row.resource_id = None
    if move.needs_entry:
        entry = find(session, actor, ref)
        if entry.org_code != row.org_code:
            raise DirectoryError("RESPONSIBILITY_ENTRY", reason="不是责任部门的目录")
        if entry.status == "withdrawn":
            raise DirectoryError("RESPONSIBILITY_ENTRY", reason="这条目录已撤销")
        row.resource_id = entry.id
    row.state = act.value
    _step(session, actor, row, act, reason.strip(), now)
    details: Details = {"resource": str(row.resource_id) if row.resource_id else None}
    if reason.strip():
        details = {**details, "reason_digest": digest_hex(reason.strip().encode())}
    tell_step(session, actor, row, act, now)
    record_audit(session, actor, f"responsibility:{act.value}", str(row.id), at=now, details=details)
    session.flush()
    return row


def _step(session: Session, actor: Actor, row: Responsibility, act: Act, reason: str, now: datetime) -> None:
    row.step_seq += 1
    session.flush()
    session.add(
        ResponsibilityStep(
            responsibility_id=row.id,
            seq=row.step_seq,
            act=act.value,
            state=row.state,
            reason=reason,
            assigned_by=row.assigned_by,
            decided_by=actor.account_id,
            decided_for=actor.decided_for,
            delegation_id=actor.delegation_id,
            decided_at=now,
        )
    )
    session.flush()


def _demanded(session: Session, actor: Actor, assigned: Assigned, name: str) -> str:
    """The name of the item of the demand, which nobody else has been made responsible for."""
    its_row = select(DemandItem.number).where(
        DemandItem.demand_id == assigned.demand_id, DemandItem.number == assigned.demand_number
    )
    session.execute(its_row.with_for_update())  # two who name a department for it at once do so one after the other
    found = demand(session, actor, assigned.demand_id) if assigned.demand_id else None
    item = next((each for each in found.items if each.row.number == assigned.demand_number), None) if found else None
    if found is None or item is None:
        ref, number = assigned.demand_id, assigned.demand_number
        raise DirectoryError("DEMAND_NOT_FOUND", ref=f"{ref} 第 {number} 项", ref_en=f"{ref} item {number}")
    if item.standing in DONE:
        raise DirectoryError("DEMAND_CLOSED")
    if found.row.org_code == assigned.org_code:
        raise DirectoryError("RESPONSIBILITY_INVALID", reason="需求部门自己不能是责任部门")
    taken = select(Responsibility.id).where(
        Responsibility.demand_id == assigned.demand_id,
        Responsibility.demand_number == assigned.demand_number,
        Responsibility.state.in_(LIVE),
    )
    if session.scalar(taken) is not None:
        raise DirectoryError("RESPONSIBILITY_EXISTS")
    return name or item.row.name
