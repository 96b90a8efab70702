"""The page of work orders: what was ordered, what came of it, and a form for the next."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access.batches import granted_routes
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.nodes.lines import PURPOSES
from directory.orders.issue import issue
from directory.orders.queries import newest, orderable
from directory.signing import DirectoryKey
from directory.web.render import page_after
from metadata.orders import PROCEDURES, Argument

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Given = Annotated[str, Query(max_length=200)]
_VALID_FOR = timedelta(days=1)
_OUTCOMES = {"done": "办结", "refused": "拒办", "failed": "未办成", "interrupted": "办理中断"}
_FACTS = {
    "planned": "排出",
    "arrived": "收到",
    "driven": "推进",
    "stopped": "停住",
    "findings": "不成立的不变量",
    "ok": "正常",
    "note": "要留意",
    "bad": "须处理",
    "probes": "挂接",
    "matching": "其中与目录一致",
    "seq": "批次",
    "keys": "换用密钥",
}
_UNITS = {
    "planned": "批",
    "arrived": "批",
    "driven": "批",
    "stopped": "批",
    "findings": "处",
    "ok": "项",
    "note": "项",
    "bad": "项",
    "probes": "处",
    "matching": "处",
    "keys": "把",
}
_LIGHTS = {"done": "green", "refused": "amber", "failed": "red", "interrupted": "red"}


@router.get("/exchange/orders")
@governed_by(Action.EXCHANGE_READ)
def browse(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    node_id: Given = "",
    action: Given = "",
    route_id: Given = "",
    seq: Given = "",
) -> Response:
    """The newest orders to the nodes the actor may see; a link may have filled in the form."""
    return _page(request, session, actor, {"node_id": node_id, "action": action, "route_id": route_id, "seq": seq})


@router.post("/exchange/orders")
@governed_by(Action.ORDER_ISSUE)
def order(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
    node_id: Text = "",
    action: Text = "",
    route_id: Text = "",
    seq: Text = "",
    force: Text = "",
    purpose: Text = "",
    suite: Text = "",
) -> Response:
    """Issue one; a refusal is shown above the form, with what was typed."""
    typed = {"node_id": node_id, "action": action, "route_id": route_id, "seq": seq, "force": force}
    typed |= {"purpose": purpose, "suite": suite}
    try:
        with session.begin_nested():
            issue(session, actor, key, node_id, action, _arguments(action, typed), _VALID_FOR, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        return _page(request, session, actor, typed, error)
    return RedirectResponse("/exchange/orders", status_code=303)


def _arguments(action: str, typed: dict[str, str]) -> dict[str, Argument]:
    """Those fields that the procedure has, of its types; what cannot be read stays text, which ``misfit`` names."""
    procedure = PROCEDURES.get(action)
    wanted = {} if procedure is None else {**procedure.required, **procedure.optional}
    arguments: dict[str, Argument] = {}
    for name, kind in wanted.items():
        value = typed[name].strip()
        if kind is bool:
            arguments[name] = value == "yes"
        elif kind is int and value.isdecimal() and len(value) < 19:
            arguments[name] = int(value)
        elif value:
            arguments[name] = value
    return arguments


def _page(
    request: Request, session: Session, actor: Actor, typed: dict[str, str], error: DirectoryError | None = None
) -> Response:
    blank = dict.fromkeys(("node_id", "action", "route_id", "seq", "force", "purpose", "suite"), "")
    routes = [
        (route, asked, {route.provider_node, route.consumer_node})
        for route, asked in granted_routes(session, actor).values()
    ]
    return page_after(
        request,
        "orders/orders.html",
        error,
        lines=newest(session, actor),
        nodes=orderable(session, actor),
        routes=routes,
        purposes=PURPOSES,
        procedures=PROCEDURES,
        outcomes=_OUTCOMES,
        facts=_FACTS,
        units=_UNITS,
        lights=_LIGHTS,
        now=datetime.now(UTC),
        typed=blank | typed,
    )
