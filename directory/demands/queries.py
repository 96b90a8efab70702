"""Demands with all that their standing is read from. Who sees them: the department, the office, the auditor, and a
department that is to provide one of the items.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.demands.models import Demand, DemandItem
from directory.demands.states import DONE, Facts, Standing, standing, standing_of
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import require, visible_resources
from directory.resources.models import ResourceEntry
from directory.resources.states import HIDDEN
from directory.responsibilities.models import Responsibility
from directory.roles import Role

LIVE = ("assigned", "refused", "accepted", "upheld", "catalogued")


@dataclass(frozen=True)
class ItemFacts:
    """An item, the entry chosen for it, its request, and the responsibility that came of it; and how far it is."""

    row: DemandItem
    entry: ResourceEntry | None
    request: RequestRow | None
    responsibility: Responsibility | None
    standing: Standing


@dataclass(frozen=True)
class DemandFacts:
    """A demand with its items in order."""

    row: Demand
    items: tuple[ItemFacts, ...]

    @property
    def standing(self) -> Standing:
        return standing_of(each.standing for each in self.items)

    @property
    def done_count(self) -> int:
        return sum(each.standing in DONE for each in self.items)


def demand(session: Session, actor: Actor, demand_id: UUID) -> DemandFacts:
    """One demand; raises ``DEMAND_NOT_FOUND``."""
    return _with_facts(session, [_row(session, actor, demand_id)])[0]


def own_demand(session: Session, actor: Actor, demand_id: UUID) -> Demand:
    """A demand of the actor's own department to work on, locked.

    Raises ``DEMAND_NOT_FOUND``, ``FORBIDDEN``, ``DEMAND_CLOSED``.
    """
    row = _row(session, actor, demand_id, lock=True)
    require(actor, Action.DEMAND_RAISE, row.org_code)
    if row.withdrawn_at is not None:
        raise DirectoryError("DEMAND_CLOSED")
    return row


def demands(
    session: Session, actor: Actor, *, is_open: bool | None = None, org_code: str = "", limit: int = LIMITS.list_count
) -> list[DemandFacts]:
    """The demands this actor sees, those needed first at the front; only open or only done ones, of one department."""
    query = select(Demand).where(visible_demands(actor)).order_by(Demand.needed_by, Demand.created_at)
    if org_code:
        query = query.where(Demand.org_code == org_code)
    if is_open:
        query = query.where(Demand.withdrawn_at.is_(None))
    found = _with_facts(session, session.scalars(query.limit(limit)).all())
    return [each for each in found if is_open is None or (each.standing not in DONE) is is_open]


def visible_demands(actor: Actor) -> ColumnElement[bool]:
    """The condition under which this actor sees a demand."""
    visible = visible_resources(actor)
    if visible.is_everything or Role.AUDITOR in actor.roles:
        return true()
    is_to_provide = exists().where(Responsibility.demand_id == Demand.id, Responsibility.org_code == visible.org_code)
    return or_(Demand.org_code == visible.org_code, is_to_provide)


def _row(session: Session, actor: Actor, demand_id: UUID, *, lock: bool = False) -> Demand:
    query = select(Demand).where(Demand.id == demand_id, visible_demands(actor))
    row = session.scalar(query.with_for_update(of=Demand) if lock else query)
    if row is None:
        raise DirectoryError("DEMAND_NOT_FOUND", ref=demand_id)
    return row


def _with_facts(session: Session, rows: Sequence[Demand]) -> list[DemandFacts]:
    """The rows with everything else, in two queries however many there are."""
    ids = [row.id for row in rows]
    tied = session.execute(
        select(DemandItem, ResourceEntry, RequestRow)
        .outerjoin(ResourceEntry, ResourceEntry.id == DemandItem.resource_id)
        .outerjoin(RequestRow, RequestRow.id == DemandItem.request_id)
        .where(DemandItem.demand_id.in_(ids))
        .order_by(DemandItem.demand_id, DemandItem.number)
    ).all()
    named = select(Responsibility, ResourceEntry).outerjoin(
        ResourceEntry, ResourceEntry.id == Responsibility.resource_id
    )
    named = named.where(Responsibility.demand_id.in_(ids), Responsibility.state.in_(LIVE))
    responsible = {
        (each.demand_id, each.demand_number): (each, entry)
        for each, entry in session.execute(named.order_by(Responsibility.assigned_at))
    }
    withdrawn = {row.id: row.withdrawn_at is not None for row in rows}
    found: dict[UUID, list[ItemFacts]] = defaultdict(list)
    for item, entry, request in tied:
        duty, catalogued = responsible.get((item.demand_id, item.number), (None, None))
        facts = Facts(
            is_withdrawn=withdrawn[item.demand_id],
            is_satisfied=item.satisfied_at is not None,
            is_chosen=item.resource_id is not None,
            request_state=request.state if request else "",
            responsibility_state=duty.state if duty else "",
            is_entry_published=catalogued is not None
            and catalogued.published_version is not None
            and catalogued.status not in HIDDEN,
        )
        found[item.demand_id].append(ItemFacts(item, entry, request, duty, standing(facts)))
    return [DemandFacts(row, tuple(found[row.id])) for row in rows]
