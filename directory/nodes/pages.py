"""Pages of the nodes: whose keys they are, compared or not; letting one in; trusting one no more."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access.batches import granted_routes
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.fidelity.queries import certificates_by
from directory.limits import LIMITS
from directory.nodes.confirm import confirm
from directory.nodes.enrol import create_token, revoke
from directory.nodes.lines import PURPOSES, node_line, node_lines, waiting
from directory.orders.queries import newest
from directory.organisations.queries import open_organisations
from directory.signing import DirectoryKey
from directory.web.render import page_after
from metadata.keys import grouped
from standards.crypto import SigningKey

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Comment = Annotated[str, Form(max_length=2000)]
NodeId = Annotated[str, Path(max_length=100)]
KINDS = {"node": "节点", "relay": "中继"}


@router.get("/exchange/nodes")
@governed_by(Action.EXCHANGE_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor, key: DirectoryKey) -> Response:
    """Every node and relay with its first fingerprint, and the directory's own."""
    return _nodes(request, session, actor, key)


@router.post("/exchange/nodes")
@governed_by(Action.NODE_ENROL)
def permit(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
    org_code: Text = "",
    name: Text = "",
    kind: Annotated[Literal["node", "relay"], Form()] = "node",
) -> Response:
    """Permit one node; its token is on the answer, once, in the command to be run. Nothing is kept but its digest."""
    typed, now = {"org_code": org_code, "name": name.strip(), "kind": kind}, datetime.now(UTC)
    try:
        with session.begin_nested():
            token = create_token(session, actor, org_code=org_code, name=name.strip(), kind=kind, now=now)
    except DirectoryError as error:
        session.expire_all()
        return _nodes(request, session, actor, key, typed, error)
    made = typed | {"token": token, "until": now + timedelta(days=LIMITS.token_valid_days)}
    return _nodes(request, session, actor, key, made=made)


@router.get("/exchange/nodes/{node_id}")
@governed_by(Action.EXCHANGE_READ)
def show(node_id: NodeId, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """One node: keys, routes, certificates, orders."""
    return _node(request, session, actor, node_id)


@router.post("/exchange/nodes/{node_id}/confirmation")
@governed_by(Action.NODE_ENROL)
def take_confirmation(
    node_id: NodeId, request: Request, session: DbSession, actor: CurrentActor, heard: Text = ""
) -> Response:
    """The fingerprint as it was read out; another one is refused, with what to do."""
    try:
        with session.begin_nested():
            confirm(session, actor, node_id, heard, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        return _node(request, session, actor, node_id, {"heard": heard}, error)
    return RedirectResponse(f"/exchange/nodes/{node_id}", status_code=303)


@router.post("/exchange/nodes/{node_id}/revocation")
@governed_by(Action.NODE_ENROL)
def take_revocation(
    node_id: NodeId,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    key: DirectoryKey,
    comment: Comment = "",
    name: Text = "",
) -> Response:
    """Trust it no more, for good; its name must be typed, since nothing takes this back."""
    try:
        with session.begin_nested():
            if name.strip() != node_id:
                raise DirectoryError("NODE_NAME_OTHER", node_id=node_id)
            revoke(session, actor, key, node_id, comment, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        return _node(request, session, actor, node_id, {"comment": comment, "name": name}, error)
    return RedirectResponse(f"/exchange/nodes/{node_id}", status_code=303)


def _nodes(
    request: Request,
    session: Session,
    actor: Actor,
    key: SigningKey,
    typed: dict[str, str] | None = None,
    error: DirectoryError | None = None,
    made: dict[str, object] | None = None,
) -> Response:
    now = datetime.now(UTC)
    return page_after(
        request,
        "nodes/nodes.html",
        error,
        lines=node_lines(session, actor),
        waiting=waiting(session, now),
        organisations=open_organisations(session),
        directory_fingerprint=grouped(key.key_id),
        directory_url=request.app.state.settings.public_url,
        kinds=KINDS,
        typed={"org_code": "", "name": "", "kind": "node"} | (typed or {}),
        made=made,
    )


def _node(
    request: Request,
    session: Session,
    actor: Actor,
    node_id: str,
    typed: dict[str, str] | None = None,
    error: DirectoryError | None = None,
) -> Response:
    line = node_line(session, actor, node_id)
    routes = [
        (route, asked)
        for route, asked in granted_routes(session, actor).values()
        if node_id in (route.provider_node, route.consumer_node)
    ]
    return page_after(
        request,
        "nodes/node.html",
        error,
        line=line,
        routes=routes,
        certificates=certificates_by(session, actor, node_id),
        orders=newest(session, actor, node_id)[:5],
        purposes=PURPOSES,
        kinds=KINDS,
        typed={"heard": "", "comment": "", "name": ""} | (typed or {}),
    )
