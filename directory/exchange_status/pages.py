"""Pages of the exchange: the routes with their newest batches, and one batch with its history."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from directory.access.queries import may_see_request
from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.exchange_status.batches import RECEIPT_KINDS, STEPS, Batch, newest_first
from directory.exchange_status.picture import WIDTH, draw
from directory.exchange_status.queries import OVERVIEW_BATCHES, Route, seen_batch, seen_routes
from directory.limits import LIMITS
from directory.web.render import page

router = APIRouter(include_in_schema=False)

SHOWN: Final[Mapping[str, tuple[str, Callable[[Batch], bool]]]] = {
    "latest": ("每路最新一批", lambda each: True),
    "attention": ("要处理", lambda each: each.needs_people),
    "running": ("进行中", lambda each: each.condition in ("running", "waiting")),
    "done": ("最新一批已办结", lambda each: each.condition == "done"),
    "set_aside": ("有单列", lambda each: bool(each.set_aside)),
    "all": ("全部", lambda each: True),
}
"""The lists of batches, and what belongs into each."""
_OF_THE_NEWEST: Final = frozenset({"latest", "done", "set_aside"})


@router.get("/exchange")
@governed_by(Action.EXCHANGE_READ)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    show: str = "",
    route: Annotated[str, Query(max_length=100)] = "",
    org: Annotated[str, Query(max_length=32)] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """The routes as a picture and the batches as a table; ``route`` and ``org`` narrow both, ``show`` the table."""
    seen = seen_routes(session, actor, batch_count=LIMITS.list_count if route else OVERVIEW_BATCHES)
    routes = [each for each in seen if (not route or each.route_id == route) and (not org or org in _orgs(each))]
    show = show if show in SHOWN else "all" if route else "latest"
    lists = {name: _batches(routes, name) for name in SHOWN}
    by_id = {each.route_id: each for each in routes}
    listed = lists[show]
    start = start if start < len(listed) else 0
    return page(
        request,
        "exchange_status/exchange.html",
        has_routes=bool(seen),
        routes=routes,
        by_id=by_id,
        picture=draw(routes),
        width=WIDTH,
        lists=lists,
        shown=SHOWN,
        show=show,
        rows=listed[start : start + LIMITS.page_count],
        start=start,
        page_count=LIMITS.page_count,
        total=len(listed),
        route=routes[0] if route and routes else None,
        org_name=next((name for each in routes for code, name in _orgs(each).items() if code == org), org),
        address=_addresses(show=show, route=route, org=org),
        steps=STEPS,
        receipt_kinds=RECEIPT_KINDS,
    )


@router.get("/exchange/{route_id}/{seq}")
@governed_by(Action.EXCHANGE_READ)
def show_batch(
    route_id: Annotated[str, Path(max_length=100)],
    seq: Annotated[int, Path(ge=1, le=2**31 - 1)],
    request: Request,
    session: DbSession,
    actor: CurrentActor,
) -> HTMLResponse:
    """One batch: where it is and why, what each end says of it, and every receipt that was signed."""
    route, batch, told = seen_batch(session, actor, route_id, seq)
    return page(
        request,
        "exchange_status/batch.html",
        route=route,
        batch=batch,
        told=told,
        ends=[("提供部门", route.provider_name, batch.provider), ("需求部门", route.consumer_name, batch.consumer)],
        has_request=may_see_request(session, actor, route.request_id),
        steps=STEPS,
        receipt_kinds=RECEIPT_KINDS,
    )


def _batches(routes: Sequence[Route], name: str) -> list[Batch]:
    belongs = SHOWN[name][1]
    if name in _OF_THE_NEWEST:
        candidates = [each.newest for each in routes if each.newest is not None]
    else:
        candidates = [batch for each in routes for batch in each.batches]
    return newest_first(each for each in candidates if belongs(each))


def _orgs(route: Route) -> Mapping[str, str]:
    return {route.provider_org: route.provider_name, route.consumer_org: route.consumer_name}


def _addresses(**now: str) -> Callable[..., str]:
    """The address of this page with some of its parameters changed; nothing empty is written."""

    def address(**changes: object) -> str:
        given = {name: value for name, value in (now | changes).items() if value}
        return "/exchange?" + urlencode(given) if given else "/exchange"

    return address
