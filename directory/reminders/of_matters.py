"""Reminders of corrections, objections and complaints: of terms that run, and of what waits without one."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from directory.clock.deadlines import Calendar
from directory.corrections.queries import told
from directory.matters.kinds import PROCEDURES
from directory.matters.models import Matter, MatterStep, MatterTerm
from directory.matters.procedure import Party
from directory.notices.tell import To
from directory.reminders.rules import ReminderRule
from directory.reminders.source import Reached, Source, term, waiting_since
from directory.roles import Role


def _running(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    query = term(Matter.id, MatterTerm.seq, MatterTerm.counted_from, MatterTerm.limit_days, MatterTerm.due_on)
    return query.join(Matter, Matter.id == MatterTerm.matter_id).where(MatterTerm.stopped_at.is_(None))


def _waiting(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """Open, and no term runs: since the last step."""
    open_ones = [
        and_(Matter.kind == kind, Matter.state.in_([state for state in procedure.moves if not procedure.is_end(state)]))
        for kind, procedure in PROCEDURES.items()
    ]
    last = and_(MatterStep.matter_id == Matter.id, MatterStep.seq == Matter.step_seq)
    query = waiting_since(Matter.id, Matter.step_seq, MatterStep.decided_at).join(Matter, last)
    return query.where(Matter.due_on.is_(None), or_(*open_ones))


def _reach(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Reached]:
    rows = session.scalars(select(Matter).where(Matter.id.in_(ids)))
    return {row.id: Reached(_title(row), row.kind, partial(_audience, session, row)) for row in rows}


def _title(row: Matter) -> str:
    """Of a complaint its number: what it is about is nobody's business who only sees a notice."""
    number = PROCEDURES[row.kind].number(row.year, row.number)
    return number if row.kind == "complaint" else f"{row.resource_title}（{number}）"


def _audience(session: Session, row: Matter, rule: ReminderRule) -> Sequence[To]:
    if rule.audience == "asker":
        return [To.person(row.created_by)]
    parties = PROCEDURES[row.kind].waits_for(row.state)
    return [to for party in parties for to in _party(session, row, party, is_head=rule.audience == "head")]


def _party(session: Session, row: Matter, party: Party, *, is_head: bool) -> list[To]:
    match party:
        case Party.CREATOR:
            return [To.person(row.created_by)]
        case Party.RAISER:
            return [To.holders(Role.DEPARTMENT_HEAD if is_head else Role.SHARING_LEAD, row.from_org)]
        case Party.ANSWERER if row.to_org:
            return [To.holders(Role.DEPARTMENT_HEAD if is_head else Role.SHARING_LEAD, row.to_org)]
        case Party.CONSUMER:
            orgs = sorted({each.org_code for each in told(session, row) if each.acknowledged_at is None})
            return [To.holders(Role.DEPARTMENT_HEAD if is_head else Role.SHARING_LEAD, org) for org in orgs]
        case _:
            return [To.everywhere(Role.OFFICE_APPROVER if is_head else Role.OFFICE_REVIEWER)] + (
                [To.everywhere(Role.OFFICE_APPROVER)] if not is_head else []
            )


SOURCES: Final = (Source("matter", _running, _reach), Source("matter_waiting", _waiting, _reach))
