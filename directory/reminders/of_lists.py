"""Reminders of responsibilities, demands, announced changes of services and entrustments."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.states import Party
from directory.access.steps import reach
from directory.clock.deadlines import Calendar
from directory.demands.models import Demand
from directory.demands.worklist import open_item
from directory.entrustments.models import Entrustment
from directory.entrustments.worklist import is_running
from directory.notices.tell import To
from directory.reminders.rules import ReminderRule
from directory.reminders.source import Reached, Source, term, waiting_since
from directory.resources.models import ResourceEntry
from directory.responsibilities.models import Responsibility
from directory.roles import Role
from directory.services.models import ServiceNotice, ServiceParty
from directory.services.worklist import is_open, is_unanswered, unanswered


def _responsibilities(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """To be answered, decided or catalogued by the day that the office set."""
    since = func.date(func.timezone("Asia/Shanghai", Responsibility.assigned_at))
    query = term(Responsibility.id, 0, since, 1, Responsibility.due_on)
    return query.where(Responsibility.state.in_(("assigned", "accepted", "upheld", "refused")))


def _reach_responsible(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Reached]:
    rows = session.scalars(select(Responsibility).where(Responsibility.id.in_(ids)))
    return {row.id: Reached(row.name, "responsibility", partial(_responsible, row)) for row in rows}


def _responsible(row: Responsibility, rule: ReminderRule) -> Sequence[To]:
    if row.state == "refused":
        return [To.everywhere(Role.OFFICE_APPROVER)]
    if rule.audience == "head":
        return [To.holders(Role.DEPARTMENT_HEAD, row.org_code)]
    lead, editor = (To.holders(role, row.org_code) for role in (Role.SHARING_LEAD, Role.EDITOR))
    return [lead] if row.state == "assigned" else [lead, editor]


def _demands(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """With an item that nobody supplies and nobody must: since the demand was raised."""
    return waiting_since(Demand.id, 0, Demand.created_at).where(Demand.withdrawn_at.is_(None), open_item())


def _reach_demands(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Reached]:
    rows = session.scalars(select(Demand).where(Demand.id.in_(ids)))
    return {row.id: Reached(row.title, "demand", _office) for row in rows}


def _office(rule: ReminderRule) -> Sequence[To]:
    return [To.everywhere(Role.OFFICE_APPROVER if rule.audience == "head" else Role.OFFICE_REVIEWER)]


def _services(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """Announced, and somebody who uses it has not answered."""
    since = func.date(func.timezone("Asia/Shanghai", ServiceNotice.announced_at))
    return term(ServiceNotice.id, 0, since, 1, ServiceNotice.answer_by).where(is_open(), is_unanswered())


def _reach_services(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Reached]:
    titles = select(ServiceNotice, ResourceEntry).join(ResourceEntry, ResourceEntry.id == ServiceNotice.resource_id)
    asked: dict[UUID, list[RequestRow]] = {each: [] for each in ids}
    parties = select(ServiceParty.notice_id, RequestRow).join(RequestRow, RequestRow.id == ServiceParty.request_id)
    for notice_id, use in session.execute(parties.where(ServiceParty.notice_id.in_(ids), unanswered())):
        asked[notice_id].append(use)
    return {
        row.id: Reached(entry.title, "service", partial(_asked, asked[row.id], entry.org_code))
        for row, entry in session.execute(titles.where(ServiceNotice.id.in_(ids)))
    }


def _asked(uses: Sequence[RequestRow], provider_org: str, rule: ReminderRule) -> Sequence[To]:
    if rule.audience == "asker":
        return [To.holders(Role.SHARING_LEAD, provider_org)]
    if rule.audience == "head":
        return [To.holders(Role.DEPARTMENT_HEAD, use.requester_org) for use in uses]
    return [reach(use, party) for use in uses for party in (Party.CREATOR, Party.REQUESTER_LEAD)]


def _entrustments(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """Approved and not ended: by its last day somebody prepares its end, and after it ends it."""
    return term(Entrustment.id, 0, Entrustment.since, 1, Entrustment.until).where(is_running())


def _reach_entrusting(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Reached]:
    rows = session.scalars(select(Entrustment).where(Entrustment.id.in_(ids)))
    return {row.id: Reached(row.contractor, "entrustment", partial(_entrusting, row.org_code)) for row in rows}


def _entrusting(org_code: str, rule: ReminderRule) -> Sequence[To]:
    return [To.holders(Role.DEPARTMENT_HEAD if rule.audience == "head" else Role.SHARING_LEAD, org_code)]


SOURCES: Final = (
    Source("responsibility", _responsibilities, _reach_responsible),
    Source("demand", _demands, _reach_demands),
    Source("service", _services, _reach_services),
    Source("entrustment", _entrustments, _reach_entrusting),
)
