"""Supervision for programs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from directory.access.names import STATE_NAMES
from directory.access.states import Stage, State
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.backflow.queries import backflow_among
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.duties.supervision import SupervisedDuty
from directory.duties.supervision import lights as duty_lights
from directory.duties.supervision import supervised as supervised_duties
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.supervision import SupervisedMatter, supervised
from directory.matters.supervision import lights as matter_lights
from directory.organisations.names import organisation_names
from directory.rectifications.queries import Rectification
from directory.rectifications.queries import supervised as supervised_rectifications
from directory.situations.codes import NOT_ANSWERED, NOT_RETURNED, situation
from directory.supervision.queries import (
    Place,
    Tally,
    Watched,
    tallies,
    terms_seen,
    watched,
    with_matters,
)
from directory.supervision.undecided import Undecided, undecided

router = APIRouter(tags=["supervision"])


class DepartmentLights(BaseModel):
    """A provider's running terms by light; of those that ended this year, how many had ended late."""

    org_code: str
    org_name: str
    green: int
    amber: int
    red: int
    ended: int
    ended_late: int


class SupervisedRequest(BaseModel):
    """A request whose term runs. ``situation`` is the regulation's for a late one, by our code; null in time."""

    id: UUID
    resource_title: str
    provider_org: str
    provider_name: str
    requester_org: str
    requester_name: str
    state: str
    state_name: str
    due_on: date
    light: Literal["green", "amber", "red"]
    late_days: int
    situation: str | None
    situation_name: str | None
    urged: int


class Supervision(BaseModel):
    """Lights per department, and the requests due first; ``next`` continues the list.

    ``departments`` count ``matters`` too, the corrections and objections whose term runs, and ``duties``, the entries
    that have yet to follow a change of law or duty; ``total`` counts requests.
    ``rectifications`` are suspended uses with a term for putting right, which is the requester's to keep.
    """

    today: date
    departments: list[DepartmentLights]
    total: int
    items: list[SupervisedRequest]
    next: str | None
    matters: list[SupervisedMatter]
    duties: Sequence[SupervisedDuty]
    rectifications: Sequence[Rectification]


@router.get("/supervision")
@governed_by(Action.SUPERVISION_READ)
def show_supervision(
    session: DbSession,
    actor: CurrentActor,
    light: Literal["green", "amber", "red"] | None = None,
    org: Annotated[str, Query(max_length=32)] = "",
    size: Annotated[int, Query(ge=1, le=LIMITS.page_count)] = LIMITS.page_count,
    after: Annotated[str, Query(max_length=60)] = "",
) -> Supervision:
    """What runs and what is late: all of it for the office, elsewhere what the caller's department has to answer."""
    return supervision(session, actor, shanghai_today(), light=light, org=org, size=size, after=after)


@router.get("/supervision/undecided")
@governed_by(Action.SUPERVISION_READ, Action.PEOPLE_READ)
def show_undecided(session: DbSession, actor: CurrentActor) -> Sequence[Undecided]:
    """What nobody can decide, and who is missing: everywhere for those who supervise or keep accounts."""
    return undecided(session, actor)


def supervision(
    session: DbSession,
    actor: Actor,
    today: date,
    *,
    light: Literal["green", "amber", "red"] | None,
    org: str,
    size: int,
    after: str,
) -> Supervision:
    """The lights and one page of the list; raises ``FORBIDDEN``, ``CURSOR_INVALID``."""
    terms = terms_seen(session, actor)
    counted, matters = tallies(session, actor, today, terms), supervised(session, actor, today)
    lights, duties = matter_lights(session, actor, today, matters), supervised_duties(session, actor, today)
    rows = watched(session, actor, today, terms, of=light, org_code=org, after=_place(after), size=size + 1)
    names = organisation_names(session)
    shown = rows[:size]
    returned = backflow_among(session, [each.row.id for each in shown if each.light == "red"])
    last = shown[-1].row if len(rows) > size else None
    return Supervision(
        today=today,
        departments=[
            _department(each, names) for each in with_matters(with_matters(counted, lights), duty_lights(duties))
        ],
        total=sum(_number(each, light) for each in counted if not org or each.org_code == org),
        items=[_item(each, names, NOT_RETURNED if each.row.id in returned else NOT_ANSWERED) for each in shown],
        next=f"{last.due_on}~{last.id}" if last is not None else None,
        matters=[each for each in matters if light in (None, each.light) and org in ("", each.responsible_org)],
        duties=[each for each in duties if light in (None, each.light) and org in ("", each.responsible_org)],
        rectifications=_rectifications(session, actor, today, light, org),
    )


def _rectifications(
    session: DbSession, actor: Actor, today: date, light: str | None, org: str
) -> Sequence[Rectification]:
    found = supervised_rectifications(session, actor, today, org_code=org)
    return [each for each in found if light in (None, each.light)]


def _place(after: str) -> Place | None:
    if not after:
        return None
    day, _, request_id = after.partition("~")
    try:
        return Place(date.fromisoformat(day), UUID(request_id))
    except ValueError:
        raise DirectoryError("CURSOR_INVALID") from None


def _number(each: Tally, light: str | None) -> int:
    by_light = {"green": each.green, "amber": each.amber, "red": each.red}
    return by_light[light] if light else sum(by_light.values())


def _department(each: Tally, names: Mapping[str, str]) -> DepartmentLights:
    return DepartmentLights(
        org_code=each.org_code,
        org_name=names.get(each.org_code, each.org_code),
        green=each.green,
        amber=each.amber,
        red=each.red,
        ended=each.ended,
        ended_late=each.ended_late,
    )


def _item(each: Watched, names: Mapping[str, str], late_as: str) -> SupervisedRequest:
    row, is_late = each.row, each.light == "red"
    return SupervisedRequest(
        id=row.id,
        resource_title=row.resource_title,
        provider_org=row.provider_org,
        provider_name=names.get(row.provider_org, row.provider_org),
        requester_org=row.requester_org,
        requester_name=names.get(row.requester_org, row.requester_org),
        state=row.state,
        state_name=STATE_NAMES[State(row.state), Stage(row.stage)],
        due_on=each.due_on,
        light=each.light,
        late_days=each.late_days,
        situation=late_as if is_late else None,
        situation_name=situation(late_as) if is_late else None,
        urged=each.urged,
    )
