"""The demands that wait for one person: an item nobody supplies, or one that can be asked for now."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_

from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.demands.models import Demand, DemandItem
from directory.demands.queries import LIVE, visible_demands
from directory.policy import NOWHERE, allows, capacities
from directory.resources.models import ResourceEntry
from directory.resources.states import HIDDEN
from directory.responsibilities.models import Responsibility
from directory.worklist.columns import task, trace

KIND: Final = "demand"


def tasks(actor: Actor) -> Iterator[Select[Any]]:
    """For the office: to name a department; for whoever raised it: to ask for what was found."""
    for acting in capacities(actor):
        if allows(acting, Action.RESPONSIBILITY_ASSIGN, NOWHERE):
            yield _task("assign").where(Demand.withdrawn_at.is_(None), open_item())
        if allows(acting, Action.DEMAND_RAISE, acting.org_code):
            yield _task("ask").where(Demand.withdrawn_at.is_(None), Demand.org_code == acting.org_code, _to_ask())


def begun(actor: Actor) -> Select[Any]:
    """Those that this person raised."""
    state = case((Demand.withdrawn_at.is_not(None), "withdrawn"), (_item(_is_open()), "open"), else_="running")
    query = trace(KIND, about=Demand.id, title=Demand.title, state=state, at=Demand.created_at)
    return query.where(Demand.created_by == actor.account_id, visible_demands(actor))


def open_item() -> ColumnElement[bool]:
    """An item of the demand has no source and no department that must provide it."""
    return _item(_is_open())


def _task(act: str) -> Select[Any]:
    return task(KIND, act, about=Demand.id, title=Demand.title, org_code=Demand.org_code, due_on=Demand.needed_by)


def _is_open() -> ColumnElement[bool]:
    return and_(DemandItem.resource_id.is_(None), ~_owed())


def _to_ask() -> ColumnElement[bool]:
    refused = exists().where(RequestRow.id == DemandItem.request_id, RequestRow.state.in_(("refused", "settled")))
    is_published = exists().where(
        ResourceEntry.id == Responsibility.resource_id,
        ResourceEntry.published_version.is_not(None),
        ResourceEntry.status.not_in(sorted(HIDDEN)),
    )
    chosen = and_(DemandItem.resource_id.is_not(None), or_(DemandItem.request_id.is_(None), refused))
    supplied = and_(DemandItem.resource_id.is_(None), _owed(is_published))
    return _item(or_(chosen, supplied))


def _item(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(DemandItem.demand_id == Demand.id, DemandItem.satisfied_at.is_(None), condition)


def _owed(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Responsibility.demand_id == DemandItem.demand_id,
        Responsibility.demand_number == DemandItem.number,
        Responsibility.state.in_(LIVE),
        *conditions,
    )
