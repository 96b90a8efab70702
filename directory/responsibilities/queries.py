"""Responsibilities and their steps. Who sees them: the department, the office, the auditor, and whose demand it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from directory.actors import Actor
from directory.clock.deadlines import Light
from directory.demands.models import Demand
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import visible_resources
from directory.resources.models import ResourceEntry
from directory.resources.states import HIDDEN
from directory.responsibilities.models import Responsibility, ResponsibilityStep
from directory.responsibilities.states import LIVE
from directory.roles import Role


@dataclass(frozen=True)
class Owed:
    """A responsibility, the entry named for it, and the demand it comes from."""

    row: Responsibility
    entry: ResourceEntry | None
    demand: Demand | None

    @property
    def is_published(self) -> bool:
        entry = self.entry
        return entry is not None and entry.published_version is not None and entry.status not in HIDDEN

    @property
    def state(self) -> str:
        """The stored state, or ``published`` once the entry named is."""
        return "published" if self.row.state == "catalogued" and self.is_published else self.row.state

    @property
    def is_open(self) -> bool:
        return self.state in LIVE

    def light(self, today: date) -> Light | None:
        """Red after the day, amber on its last seven days, none once it is over; a day of ours, not of the law."""
        if not self.is_open:
            return None
        left = (self.row.due_on - today).days
        return "red" if left < 0 else "amber" if left <= _NEAR else "green"


_NEAR = 7


def responsibility(session: Session, actor: Actor, responsibility_id: UUID, *, lock: bool = False) -> Responsibility:
    """One of them, with ``lock`` held until the transaction ends; raises ``RESPONSIBILITY_NOT_FOUND``."""
    query = select(Responsibility).where(Responsibility.id == responsibility_id, visible(actor))
    row = session.scalar(query.with_for_update(of=Responsibility) if lock else query)
    if row is None:
        raise DirectoryError("RESPONSIBILITY_NOT_FOUND", ref=responsibility_id)
    return row


def owed(
    session: Session,
    actor: Actor,
    *,
    is_open: bool | None = None,
    org_code: str = "",
    only: UUID | None = None,
    limit: int = LIMITS.list_count,
) -> list[Owed]:
    """What this actor sees of the list, due first at the front; only open or only ended ones, of one department."""
    query = (
        select(Responsibility, ResourceEntry, Demand)
        .outerjoin(ResourceEntry, ResourceEntry.id == Responsibility.resource_id)
        .outerjoin(Demand, Demand.id == Responsibility.demand_id)
        .where(visible(actor))
        .order_by(Responsibility.due_on, Responsibility.name, Responsibility.id)
    )
    if org_code:
        query = query.where(Responsibility.org_code == org_code)
    if only is not None:
        query = query.where(Responsibility.id == only)
    if is_open:
        query = query.where(Responsibility.state.in_(LIVE))
    found = [Owed(*row) for row in session.execute(query.limit(limit))]
    return [each for each in found if is_open is None or each.is_open is is_open]


def steps(session: Session, row: Responsibility) -> Sequence[ResponsibilityStep]:
    """Its life, oldest first."""
    query = select(ResponsibilityStep).where(ResponsibilityStep.responsibility_id == row.id)
    return session.scalars(query.order_by(ResponsibilityStep.seq)).all()


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which this actor sees a responsibility."""
    seen = visible_resources(actor)
    if seen.is_everything or Role.AUDITOR in actor.roles:
        return true()
    own = aliased(Demand)  # the demand itself may stand beside it in the query
    is_for_own = exists().where(own.id == Responsibility.demand_id, own.org_code == seen.org_code)
    return or_(Responsibility.org_code == seen.org_code, is_for_own)
