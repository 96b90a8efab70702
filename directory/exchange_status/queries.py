"""Reads what nodes reported: routes, their batches, receipts and totals, within what the reader may see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from directory.access.batches import granted_routes
from directory.access.states import State
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.exchange_status.batches import Batch, batch
from directory.nodes.queries import ReceiptLine, batch_statuses, nodes, receipts_of, statuses_by_route
from directory.policy import require
from directory.reconciliations.queries import Reconciled, newest_of
from metadata.exchange import BatchStatus

OVERVIEW_BATCHES: Final = 20
"""How many batches of each route the overview knows; one route's own list has as many as any list."""
_NOT_RUNNING: Final[Mapping[State, str]] = {
    State.AGREED: "待会签",
    State.SUSPENDED: "授权暂停",
    State.TERMINATED: "授权终止",
    State.EXPIRED: "使用时限已到",
    State.REPLACED: "已由变更后的授权接替",
    State.PURPOSE_DONE: "使用目的已实现",
    State.DISPOSED: "数据已处置",
}


@dataclass(frozen=True)
class Route:
    """A route between two departments, and its batches as far as loaded, the newest first."""

    route_id: str
    resource_id: str
    title: str
    request_id: str
    provider_node: str
    provider_org: str
    provider_name: str
    consumer_node: str
    consumer_org: str
    consumer_name: str
    target_table: str
    stopped: str
    batches: tuple[Batch, ...]
    reconciled: Reconciled | None = None

    @property
    def newest(self) -> Batch | None:
        return self.batches[0] if self.batches else None

    @property
    def light(self) -> str:
        """Of the route: the worst that needs people, else that of its newest batch; off while its grant rests."""
        if self.stopped or self.newest is None:
            return "off"
        waiting = {each.light for each in self.batches if each.needs_people}
        return next((colour for colour in ("red", "amber") if colour in waiting), _calm(self.newest))

    @property
    def state_words(self) -> str:
        if self.stopped:
            return self.stopped
        if self.newest is None:
            return "尚无批次"
        return {"red": "中止", "amber": "暂候", "green": "正常"}[self.light]


def seen_routes(session: Session, actor: Actor, *, batch_count: int = OVERVIEW_BATCHES) -> list[Route]:
    """The routes this actor may see, with their newest batches: those of their department, or all.

    Raises ``FORBIDDEN`` for an account without any role.
    """
    require(actor, Action.EXCHANGE_READ, actor.org_code)
    known = {node.node_id: node for node in nodes(session)}
    found = granted_routes(session, actor)
    spoken = statuses_by_route(session, list(found), batch_count)
    providers = {route.route_id: route.provider_node for route, _ in found.values()}
    batches = _batches(session, spoken, providers)
    reconciled = newest_of(session, list(found))
    return [
        Route(
            route_id=route.route_id,
            resource_id=str(request.resource_id),
            title=request.resource_title,
            request_id=str(request.id),
            provider_node=route.provider_node,
            provider_org=known[route.provider_node].org_code,
            provider_name=known[route.provider_node].org_name,
            consumer_node=route.consumer_node,
            consumer_org=known[route.consumer_node].org_code,
            consumer_name=known[route.consumer_node].org_name,
            target_table=route.target_table,
            stopped=_NOT_RUNNING.get(State(request.state), ""),
            batches=tuple(batches.get(route.route_id, ())),
            reconciled=reconciled.get(route.route_id),
        )
        for route, request in found.values()
    ]


def seen_batch(session: Session, actor: Actor, route_id: str, seq: int) -> tuple[Route, Batch, Sequence[ReceiptLine]]:
    """One batch with every receipt; raises ``BATCH_NOT_FOUND``, also when its route is not for this actor to see."""
    route = next((each for each in seen_routes(session, actor) if each.route_id == route_id), None)
    spoken = batch_statuses(session, route_id, seq) if route else ()
    if route is None or not spoken:
        raise DirectoryError("BATCH_NOT_FOUND", route_id=route_id[:100], seq=seq)
    found = _batches(session, spoken, {route_id: route.provider_node})[route_id][0]
    later = [each.seq for each in route.batches if each.seq > seq and each.state in ("applied", "closed")]
    told = receipts_of(session, [(route_id, seq)]).get((route_id, seq), ())
    return route, replace(found, followed_by=min(later, default=None)), told


def _batches(
    session: Session, spoken: Sequence[BatchStatus], providers: Mapping[str, str]
) -> Mapping[str, list[Batch]]:
    """Batches by route, the newest first."""
    said = defaultdict(list)
    for status in spoken:
        said[status.route_id, status.seq].append(status)
    signed = receipts_of(session, list(said))
    found: dict[str, list[Batch]] = defaultdict(list)
    arrived: dict[str, int] = {}
    for place in sorted(said, reverse=True):
        receipts = [line.receipt for line in signed.get(place, ())]
        one = batch(said[place], receipts, providers[place[0]])
        found[one.route_id].append(replace(one, followed_by=arrived.get(one.route_id)))
        if one.state in ("applied", "closed"):
            arrived[one.route_id] = one.seq
    return found


def _calm(newest: Batch) -> str:
    return "amber" if newest.condition == "waiting" else "green"
