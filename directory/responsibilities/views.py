"""What a responsibility looks like from outside."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actors import Actor
from directory.clock.deadlines import Light
from directory.organisations.queries import organisations
from directory.policy import allows
from directory.responsibilities.queries import Owed, steps
from directory.responsibilities.states import ACT_NAMES, MOVES, STATE_NAMES, Act, legal


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class StepShown(_View):
    """One step: what, by whom, why."""

    act: Act
    act_name: str
    reason: str
    by: str
    at: datetime


class OwedLine(_View):
    """A responsibility in a list; ``state`` is ``published`` once the entry named is; the light is of our own day."""

    id: UUID
    org_code: str
    org_name: str
    name: str
    basis: str
    due_on: date
    state: str
    state_name: str
    light: Light | None
    demand_id: UUID | None
    demand_title: str
    resource_id: UUID | None
    resource_title: str


class OwedView(OwedLine):
    """A responsibility whole; ``acts`` are the reader's."""

    assigned_at: datetime
    demand_number: int | None
    steps: tuple[StepShown, ...]
    acts: tuple[Act, ...]


def lines(session: Session, found: Sequence[Owed], today: date) -> list[OwedLine]:
    """Responsibilities as lines of a list."""
    names = {each.code: each.name for each in organisations(session)}
    return [OwedLine.model_validate(_line(each, names.get(each.row.org_code, ""), today)) for each in found]


def view(session: Session, actor: Actor, found: Owed, today: date) -> OwedView:
    """One responsibility with its life."""
    row, life = found.row, steps(session, found.row)
    people = display_names(session, [each.decided_by for each in life])
    [line] = lines(session, [found], today)
    return OwedView(
        **dict(line),
        assigned_at=row.assigned_at,
        demand_number=row.demand_number,
        steps=tuple(
            StepShown(
                act=Act(each.act),
                act_name=ACT_NAMES[Act(each.act)],
                reason=each.reason,
                by=people.get(each.decided_by, ""),
                at=each.decided_at,
            )
            for each in life
        ),
        acts=tuple(_acts(actor, found)),
    )


def _line(found: Owed, org_name: str, today: date) -> dict[str, object]:
    row = found.row
    return {
        "id": row.id,
        "org_code": row.org_code,
        "org_name": org_name,
        "name": row.name,
        "basis": row.basis,
        "due_on": row.due_on,
        "state": found.state,
        "state_name": STATE_NAMES[found.state],
        "light": found.light(today),
        "demand_id": row.demand_id,
        "demand_title": found.demand.title if found.demand else "",
        "resource_id": row.resource_id,
        "resource_title": found.entry.title if found.entry else "",
    }


def _acts(actor: Actor, found: Owed) -> Sequence[Act]:
    if not found.is_open:
        return []
    row = found.row
    return [
        act
        for act in legal(row.state)
        if allows(actor, MOVES[act].action, row.org_code)
        and (act is Act.WITHDRAWN or actor.account_id != row.assigned_by)
    ]
