"""Suspended uses with a term for putting right: whose turn it is, by when, and how late.

While the term runs the requester's side puts right and reports; once it reported, or the term is over, the provider or
the office resumes or terminates. The term is a day that was set, no count of days: no holiday notice moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, String, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from directory.access.models import RequestRow, RequestStep
from directory.access.parties import PARTY_ACTIONS
from directory.access.queries import is_not_of
from directory.access.states import Act, Party, State
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Calendar, Due, Light, day_of, light, working_days_between
from directory.clock.queries import calendar
from directory.limits import LIMITS
from directory.organisations.names import organisation_names
from directory.policy import NOWHERE, allows, capacities
from directory.statements.spelled import Planned


class Rectification(BaseModel):
    """A use suspended with a term for putting right; ``until`` is None where only the report is known of."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    resource_title: str
    requester_org: str
    requester_name: str
    provider_org: str
    provider_name: str
    since: date
    until: date | None
    light: Light
    late_days: int
    is_reported: bool
    turn_name: str
    words: str


@dataclass(frozen=True)
class _Steps:
    """The step that suspended a use, and the report since, as parts of a query."""

    began: Any
    last: Any

    @property
    def is_reported(self) -> ColumnElement[bool]:
        reported: ColumnElement[bool] = self.last.seq.is_not(None)
        return reported


def waiting(session: Session, actor: Actor, today: date) -> Sequence[Rectification]:
    """Those whose next step is this actor's: to report, or to resume or terminate; those due first."""
    return _found(session, _WAITING.rows(session, actor, today), today)


def _waiting(actor: Actor, today: date) -> Select[Any] | None:
    steps = _steps()
    turns = [turn for acting in capacities(actor) for turn in _turns(acting, steps, today)]
    return _suspended(steps).where(or_(*turns)) if turns else None


def supervised(session: Session, actor: Actor, today: date, *, org_code: str = "") -> Sequence[Rectification]:
    """All of them for those who supervise, else those of the reader's own department, on either side."""
    asked = {"asked_org": org_code} if org_code else {}
    return _found(session, _SUPERVISED.rows(session, actor, bool(org_code), **asked), today)


def _supervised(actor: Actor, is_of_one: bool) -> Select[Any] | None:
    steps = _steps()
    query = _suspended(steps)
    if allows(actor, Action.SUPERVISION_READ, NOWHERE):
        scope: ColumnElement[bool] = true()
    elif allows(actor, Action.SUPERVISION_READ, actor.org_code):
        scope = _is_side(actor.org_code)
    else:
        return None
    return query.where(scope, _is_side(bindparam("asked_org", None, String()))) if is_of_one else query.where(scope)


def _is_side(org_code: Any) -> ColumnElement[bool]:
    return or_(RequestRow.provider_org == org_code, RequestRow.requester_org == org_code)


_WAITING: Final = Planned("rectifying", _waiting)
_SUPERVISED: Final = Planned("rectified", _supervised)


def _steps() -> _Steps:
    return _Steps(aliased(RequestStep), aliased(RequestStep))


def _suspended(steps: _Steps) -> Select[Any]:
    """What is suspended with a term, or was reported on since."""
    newest = (
        select(func.max(RequestStep.seq))
        .where(RequestStep.request_id == RequestRow.id, RequestStep.act == Act.SUSPENDED.value)
        .correlate(RequestRow)
        .scalar_subquery()
    )
    began, last = steps.began, steps.last
    reported = and_(last.request_id == RequestRow.id, last.seq == RequestRow.step_seq, last.act == Act.RECTIFIED.value)
    return (
        select(
            RequestRow.id,
            RequestRow.resource_title,
            RequestRow.requester_org,
            RequestRow.provider_org,
            began.decided_at,
            began.until,
            began.comment,
            steps.is_reported.label("is_reported"),
        )
        .select_from(RequestRow)
        .join(began, and_(began.request_id == RequestRow.id, began.seq == newest))
        .outerjoin(last, reported)
        .where(RequestRow.state == State.SUSPENDED.value, or_(began.until.is_not(None), steps.is_reported))
        .order_by(began.until.asc().nulls_last(), RequestRow.id)
        .limit(LIMITS.list_count)
    )


def _turns(actor: Actor, steps: _Steps, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    is_others = is_not_of(actor)
    if allows(actor, PARTY_ACTIONS[Party.REQUESTER_LEAD], actor.org_code):
        found.append(and_(RequestRow.requester_org == actor.org_code, is_others, ~steps.is_reported))
    due = and_(is_others, or_(steps.is_reported, steps.began.until < today))
    for party, org_code, mine in (
        (Party.PROVIDER_LEAD, actor.org_code, RequestRow.provider_org == actor.org_code),
        (Party.OFFICE_APPROVER, NOWHERE, true()),
    ):
        if all(allows(actor, each, org_code) for each in (PARTY_ACTIONS[party], Action.GRANT_CONFIRM_CHANGE)):
            found.append(and_(mine, due))
    return found


def _found(session: Session, rows: Sequence[Any], today: date) -> Sequence[Rectification]:
    if not rows:
        return []
    days, names = calendar(session), organisation_names(session)
    return [
        Rectification(
            id=row.id,
            resource_title=row.resource_title,
            requester_org=row.requester_org,
            requester_name=names.get(row.requester_org, row.requester_org),
            provider_org=row.provider_org,
            provider_name=names.get(row.provider_org, row.provider_org),
            since=day_of(row.decided_at),
            until=row.until,
            light="amber" if row.is_reported else _light(day_of(row.decided_at), row.until, today, days),
            late_days=0 if row.is_reported else working_days_between(row.until, today, days),
            is_reported=row.is_reported,
            turn_name="提供部门或信息办" if row.is_reported or row.until < today else names.get(row.requester_org, ""),
            words=row.comment,
        )
        for row in rows
    ]


def _light(since: date, until: date, today: date, days: Calendar) -> Light:
    return light(Due(since, working_days_between(since, until, days), until), today, days)
