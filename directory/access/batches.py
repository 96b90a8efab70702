"""Where the batches of granted routes stand, as both ends and the relay have said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.limits import LIMITS
from directory.nodes.queries import ReceiptLine, newest_statuses, receipts_of
from directory.organisations.queries import organisation
from directory.policy import NOWHERE, allows
from metadata.exchange import BatchStatus


class Batch(BaseModel):
    """One batch: what it carries, from whom to whom, each end's last word, and the receipts in the order received."""

    model_config = ConfigDict(frozen=True)

    route_id: str
    seq: int
    resource_title: str
    provider_name: str
    consumer_name: str
    target_table: str
    provider: BatchStatus | None
    consumer: BatchStatus | None
    receipts: tuple[ReceiptLine, ...]
    said_at: datetime


def batches(session: Session, actor: Actor) -> list[Batch]:
    """The batches this actor may see, those last heard of first: of their own department's routes, or of all.

    At most ``LIMITS.list_count``.
    """
    routes = granted_routes(session, actor)
    found: dict[tuple[str, int], dict[str, BatchStatus]] = defaultdict(dict)
    for status in newest_statuses(session, list(routes), LIMITS.list_count):
        found[status.route_id, status.seq][status.node_id] = status
    receipts = receipts_of(session, list(found))
    return [
        _batch(session, *routes[route_id], seq, said, receipts.get((route_id, seq), ()))
        for (route_id, seq), said in found.items()
    ]


def granted_routes(session: Session, actor: Actor) -> Mapping[str, tuple[RouteRow, RequestRow]]:
    """The routes this actor may see, each with the request of its newest grant."""
    query = (
        select(RouteRow, RequestRow)
        .join(GrantRow, GrantRow.route_id == RouteRow.route_id)
        .join(RequestRow, RequestRow.id == GrantRow.request_id)
        .where(_visible(actor))
        .order_by(GrantRow.issued_at)
    )
    return {route.route_id: (route, request) for route, request in session.execute(query)}


def _visible(actor: Actor) -> ColumnElement[bool]:
    if allows(actor, Action.EXCHANGE_READ, NOWHERE):
        return true()
    return or_(RequestRow.provider_org == actor.org_code, RequestRow.requester_org == actor.org_code)


def _batch(
    session: Session,
    route: RouteRow,
    request: RequestRow,
    seq: int,
    said: Mapping[str, BatchStatus],
    receipts: Sequence[ReceiptLine],
) -> Batch:
    return Batch(
        route_id=route.route_id,
        seq=seq,
        resource_title=request.resource_title,
        provider_name=organisation(session, request.provider_org).name,
        consumer_name=organisation(session, request.requester_org).name,
        target_table=route.target_table,
        provider=said.get(route.provider_node),
        consumer=said.get(route.consumer_node),
        receipts=tuple(receipts),
        said_at=max(status.at for status in said.values()),
    )
