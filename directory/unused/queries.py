"""The report of what is not put to use: from receipts, nodes' last calls and use records."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Subquery, and_, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow, RouteRow
from directory.access.models import RequestRow
from directory.access.names import STATE_NAMES
from directory.access.queries import visible
from directory.access.reply import agreed_text
from directory.access.states import Stage, State
from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.limits import LIMITS
from directory.nodes.models import BatchStatusRow, Node, ReceiptRow
from directory.nodes.queries import statuses_by_route
from directory.organisations.queries import organisation
from directory.policy import allows
from directory.unused.judge import VERDICT_NAMES, Deliveries, Verdict, judge
from directory.uses.queries import Use, uses_of
from directory.uses.views import item_use, items
from metadata.exchange import BatchStatus

DEFAULT_DAYS: Final = 30
_RUNNING: Final = (State.PROVISIONED.value, State.ACTIVE.value)
_WORST_FIRST: Final = {Verdict.NEVER: 0, Verdict.SILENT: 1, Verdict.UNKNOWN: 2, None: 3}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class UnusedItem(_View):
    """A granted item that its requester's own records say is not used."""

    field: str
    name: str


class UnusedGrant(_View):
    """A running grant of which something stands out: its deliveries (``verdict``), or items said not to be used.

    ``stands_at`` is what was last reported of its newest batch. ``may_end``: the reader may propose its end.
    """

    request_id: UUID
    resource_id: UUID
    resource_title: str
    provider_org: str
    provider_name: str
    requester_org: str
    requester_name: str
    state_name: str
    frequency: str
    bound_on: date
    delivered_count: int
    last_on: date | None
    consumer_node: str
    heard_at: datetime | None
    verdict: Verdict | None
    verdict_name: str
    stands_at: BatchStatus | None
    record_count: int
    unused_items: tuple[UnusedItem, ...]
    may_end: bool


class Unused(_View):
    """The report: of how many running grants, after how many days, what stands out, what is worst first."""

    days: int
    grant_count: int
    items: tuple[UnusedGrant, ...]


def unused(session: Session, actor: Actor, days: int, today: date) -> Unused:
    """What stands out among the running grants this actor sees; at most ``LIMITS.list_count`` grants are looked at,
    those bound longest first.
    """
    found = _running(session, actor)
    speaking = {each.row.id: each for each in uses_of(session, [row for row, *_ in found])}
    newest = _newest(session, [route for *_, routes in found for route in routes])
    lines = []
    for row, bound_at, last_at, count, node_id, heard_at, routes in found:
        asked = agreed_text(session, row)
        known = Deliveries(
            day_of(bound_at),
            day_of(last_at) if last_at else None,
            day_of(heard_at) if heard_at else None,
            asked.frequency,
        )
        verdict, use = judge(known, days, today), speaking.get(row.id)
        idle = _idle_items(session, use) if use else ()
        if verdict is None and not idle:
            continue
        lines.append(
            UnusedGrant(
                request_id=row.id,
                resource_id=row.resource_id,
                resource_title=row.resource_title,
                provider_org=row.provider_org,
                provider_name=organisation(session, row.provider_org).name,
                requester_org=row.requester_org,
                requester_name=organisation(session, row.requester_org).name,
                state_name=STATE_NAMES[State(row.state), Stage(row.stage)],
                frequency=asked.frequency,
                bound_on=known.bound_on,
                delivered_count=count,
                last_on=known.last_on,
                consumer_node=node_id,
                heard_at=heard_at,
                verdict=verdict,
                verdict_name=VERDICT_NAMES[verdict] if verdict else "",
                stands_at=max((newest[each] for each in routes if each in newest), key=lambda s: s.at, default=None),
                record_count=len(use.records) if use else 0,
                unused_items=idle,
                may_end=_may_end(actor, row),
            )
        )
    lines.sort(key=lambda each: (_WORST_FIRST[each.verdict], each.last_on or each.bound_on))
    return Unused(days=days, grant_count=len(found), items=tuple(lines))


def _running(
    session: Session, actor: Actor
) -> Sequence[tuple[RequestRow, datetime, datetime | None, int, str, datetime | None, tuple[str, ...]]]:
    """Requests whose grants bind: since when, the last batch applied since, how many, the consumer's node and when it
    last called, and the routes. A batch counts for a grant that bound when it was applied, unless a node's status names
    another one.
    """
    bound = (
        select(
            GrantRow.request_id,
            func.max(GrantRow.countersigned_at).label("bound_at"),
            func.array_agg(GrantRow.route_id).label("routes"),
            func.min(RouteRow.consumer_node).label("node_id"),
        )
        .join(RouteRow, RouteRow.route_id == GrantRow.route_id)
        .group_by(GrantRow.request_id)
        .subquery()
    )
    applied = and_(
        ReceiptRow.route_id == func.any(bound.c.routes),
        ReceiptRow.kind == "applied",
        ReceiptRow.received_at >= bound.c.bound_at,
        ~_under_another(bound),
    )
    last_at = select(func.max(ReceiptRow.received_at)).where(applied).correlate(bound).scalar_subquery()
    count = select(func.count(ReceiptRow.seq.distinct())).where(applied).correlate(bound).scalar_subquery()
    query = (
        select(RequestRow, bound.c.bound_at, last_at, count, bound.c.node_id, Node.seen_at, bound.c.routes)
        .join(bound, bound.c.request_id == RequestRow.id)
        .join(Node, Node.node_id == bound.c.node_id)
        .where(visible(actor, Action.GRANT_READ), RequestRow.state.in_(_RUNNING), bound.c.bound_at.is_not(None))
        .order_by(bound.c.bound_at, RequestRow.id)
        .limit(LIMITS.list_count)
    )
    return [(*row[:6], tuple(row[6])) for row in session.execute(query)]


def _under_another(bound: Subquery) -> ColumnElement[bool]:
    """Whether a receipt's batch went under another request's grant, as a node's status of it says: grants on the same
    route may overlap.
    """
    named = func.jsonb_extract_path_text(type_coerce(BatchStatusRow.status, JSONB), "grant_id")
    other = exists().where(
        BatchStatusRow.route_id == ReceiptRow.route_id,
        BatchStatusRow.seq == ReceiptRow.seq,
        GrantRow.grant_id == named,
        GrantRow.request_id != bound.c.request_id,
    )
    return other.correlate(ReceiptRow, bound)


def _may_end(actor: Actor, row: RequestRow) -> bool:
    """Whether this account may propose that the grant ends before its term, as its provider or the office."""
    is_permitted = allows(actor, Action.GRANT_CONFIRM_CHANGE, row.provider_org)
    return is_permitted and actor.people.isdisjoint((row.created_by, row.handler))


def _newest(session: Session, routes: Sequence[str]) -> Mapping[str, BatchStatus]:
    """The last word on the newest batch of each route."""
    found: dict[str, BatchStatus] = {}
    for status in statuses_by_route(session, routes, 1):
        known = found.get(status.route_id)
        if known is None or (status.seq, status.at) > (known.seq, known.at):
            found[status.route_id] = status
    return found


def _idle_items(session: Session, use: Use) -> tuple[UnusedItem, ...]:
    if all(each.items_used is None for each in use.standing):
        return ()
    return tuple(
        UnusedItem(field=each.field, name=each.name)
        for each in items(session, use)
        if item_use(use, each.field) == "unused"
    )
