"""The running terms of matters for supervision: whose they are, their lights, what is late and filed as what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Light, light, working_days_between
from directory.clock.queries import calendar
from directory.limits import LIMITS
from directory.matters.kinds import ADDRESSES, PROCEDURES, SITUATIONS
from directory.matters.models import Matter, MatterStep, MatterTerm
from directory.matters.views import term_of
from directory.objections.states import State
from directory.organisations.names import organisation_names
from directory.organisations.queries import office_code
from directory.policy import NOWHERE, allows, require
from directory.statements.unchanged import while_unchanged

_WITH_OFFICE: Final = (State.AUTHORITY.value, State.AUTHORITY_ANSWERED.value)


class SupervisedMatter(BaseModel):
    """A correction or objection whose term runs. ``situation`` is the regulation's for a late one, where it has one;
    ``is_statutory`` is false where the term is this house's own.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    kind_name: str
    number: str
    address: str
    resource_title: str
    responsible_org: str
    responsible_name: str
    from_name: str
    state_name: str
    due_on: date
    light: Light
    late_days: int
    situation: str | None
    is_statutory: bool
    urged: int


@dataclass(frozen=True)
class Lights:
    """A department's running terms of matters by light, those ended this year, and how many of these were late."""

    running: Counter[Light]
    ended: int = 0
    ended_late: int = 0


def lights(session: Session, actor: Actor, today: date, running: Iterable[SupervisedMatter]) -> Mapping[str, Lights]:
    """Each department's counts, by its code: ``running`` are what ``supervised`` gave. Raises ``FORBIDDEN``."""
    colours: dict[str, Counter[Light]] = defaultdict(Counter)
    for each in running:
        colours[each.responsible_org][each.light] += 1
    require(actor, Action.SUPERVISION_READ, actor.org_code)
    own = None if allows(actor, Action.SUPERVISION_READ, NOWHERE) else actor.org_code
    ended = while_unchanged(session, ("ended matters", own, today), lambda: _ended(session, actor, today))
    return {code: Lights(colours[code], *ended.get(code, (0, 0))) for code in colours.keys() | ended.keys()}


def supervised(session: Session, actor: Actor, today: date) -> list[SupervisedMatter]:
    """The matters whose term runs, those due first at the front; raises ``FORBIDDEN``."""
    office = office_code(session)
    query = select(Matter).where(_scope(actor, office), Matter.due_on.is_not(None))
    rows = session.scalars(query.order_by(Matter.due_on, Matter.id).limit(LIMITS.list_count)).all()
    if not rows:
        return []
    days, urged, names = calendar(session), _urged(session, rows), organisation_names(session)
    found = []
    for row in rows:
        term, procedure, responsible = term_of(row), PROCEDURES[row.kind], _responsible(row, office)
        if term is None:
            continue
        colour = light(term, today, days)
        found.append(
            SupervisedMatter(
                id=row.id,
                kind=row.kind,
                kind_name=procedure.name,
                number=procedure.number(row.year, row.number),
                address=f"{ADDRESSES[row.kind]}/{row.id}",
                resource_title=row.resource_title,
                responsible_org=responsible,
                responsible_name=names.get(responsible, responsible),
                from_name=names.get(row.from_org, row.from_org),
                state_name=procedure.names[row.state],
                due_on=term.due_on,
                light=colour,
                late_days=working_days_between(term.due_on, today, days),
                situation=SITUATIONS.get(row.kind) if colour == "red" else None,
                is_statutory=row.kind in SITUATIONS,
                urged=urged.get(row.id, 0),
            )
        )
    return found


def _responsible(row: Matter, office: str) -> str:
    """Before the authority it is the office that has to answer."""
    return office if row.kind == "objection" and row.state in _WITH_OFFICE else row.to_org or office


def _scope(actor: Actor, office: str) -> ColumnElement[bool]:
    require(actor, Action.SUPERVISION_READ, actor.org_code)
    if allows(actor, Action.SUPERVISION_READ, NOWHERE):
        return true()
    own: ColumnElement[bool] = Matter.to_org == actor.org_code
    return (
        or_(own, Matter.state.in_(_WITH_OFFICE))
        if actor.org_code == office
        else own & Matter.state.not_in(_WITH_OFFICE)
    )


def _urged(session: Session, rows: Sequence[Matter]) -> Mapping[UUID, int]:
    query = (
        select(MatterStep.matter_id, func.count().label("number"))
        .where(MatterStep.matter_id.in_([row.id for row in rows]), MatterStep.act == "urged")
        .group_by(MatterStep.matter_id)
    )
    return {row.matter_id: row.number for row in session.execute(query)}


def _ended(session: Session, actor: Actor, today: date) -> Mapping[str, tuple[int, int]]:
    """Terms that ended this year by an answer, and those of them after their day, by department."""
    stopped_on = func.date(func.timezone("Asia/Shanghai", MatterTerm.stopped_at))
    query = (
        select(
            Matter.to_org,
            func.count().label("ended"),
            func.count().filter(stopped_on > MatterTerm.due_on).label("late"),
        )
        .join(Matter, Matter.id == MatterTerm.matter_id)
        .where(
            _scope(actor, office_code(session)),
            Matter.to_org.is_not(None),
            MatterTerm.outcome == "answered",
            stopped_on >= date(today.year, 1, 1),
        )
        .group_by(Matter.to_org)
    )
    return {row.to_org: (row.ended, row.late) for row in session.execute(query)}
