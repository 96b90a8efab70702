"""Reminders of what a request asks besides a reply: supplements, rectifications, records of a use."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Integer, Select, Uuid, and_, func, select
from sqlalchemy.orm import Session, aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.states import Act, Party, State
from directory.access.steps import reach
from directory.clock.deadlines import Calendar, due
from directory.notices.tell import To
from directory.reminders.rules import ReminderRule
from directory.reminders.source import Reached, Source, term, waiting_since
from directory.roles import Role
from directory.statements.given_rows import given_rows
from directory.uses.queries import missing, rules


def _supplements(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    last = and_(RequestStep.request_id == RequestRow.id, RequestStep.seq == RequestRow.step_seq)
    query = waiting_since(RequestRow.id, RequestRow.step_seq, RequestStep.decided_at).join(RequestRow, last)
    return query.where(RequestRow.state == State.SUPPLEMENT_ASKED.value)


def _rectifications(_session: Session, _today: date, _days: Calendar) -> Select[Any]:
    """Suspended with a day until which to put right, and nothing was reported yet."""
    later = aliased(RequestStep)
    newest = select(func.max(later.seq)).where(
        later.request_id == RequestRow.id, later.act.in_((Act.SUSPENDED.value, Act.RECTIFIED.value))
    )
    since = func.date(func.timezone("Asia/Shanghai", RequestStep.decided_at))
    query = term(RequestRow.id, RequestStep.seq, since, 1, RequestStep.until)
    query = query.join(RequestRow, RequestStep.request_id == RequestRow.id)
    return query.where(
        RequestRow.state == State.SUSPENDED.value,
        RequestStep.act == Act.SUSPENDED.value,
        RequestStep.until.is_not(None),
        RequestStep.seq == newest.correlate(RequestRow).scalar_subquery(),
    )


def _records(session: Session, today: date, days: Calendar) -> Select[Any] | None:
    """The record that was last asked for, of every use that lacks one."""
    within = {occasion: rule.within_days for occasion, rule in rules().items()}
    known: dict[tuple[date, int], date] = {}
    rows = []
    for request_id, occasion, ends_on in missing(session, today):
        key = (ends_on, within[occasion])
        if key not in known:
            known[key] = due(*key, days).due_on
        rows.append((request_id, *key, known[key]))
    if not rows:
        return None
    given = given_rows(rows, (Uuid(), Date(), Integer(), Date()), ("about", "counted_from", "limit_days", "due_on"))
    return term(given.c.about, 0, given.c.counted_from, given.c.limit_days, given.c.due_on)


def _reach(session: Session, ids: Sequence[UUID], *, subject: str) -> Mapping[UUID, Reached]:
    rows = session.scalars(select(RequestRow).where(RequestRow.id.in_(ids)))
    return {row.id: Reached(row.resource_title, "request", partial(_audience, row, subject)) for row in rows}


def _audience(row: RequestRow, subject: str, rule: ReminderRule) -> Sequence[To]:
    requester = reach(row, Party.CREATOR), reach(row, Party.REQUESTER_LEAD)
    if subject != "rectification":
        return requester[1:] if rule.audience == "head" else requester[:1]
    if rule.moment != "after":
        return requester
    if rule.audience == "head":  # the term is over: the provider or the office resumes or terminates
        return [To.holders(Role.DEPARTMENT_HEAD, row.provider_org)]
    return [reach(row, Party.PROVIDER_LEAD), reach(row, Party.OFFICE_APPROVER)]


SOURCES: Final = tuple(
    Source(subject, terms, partial(_reach, subject=subject))
    for subject, terms in (("supplement", _supplements), ("rectification", _rectifications), ("use_record", _records))
)
