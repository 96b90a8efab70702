"""What nodes call: enrolment, feed, reports. Every call but enrolment is signed by the node (RFC 9421)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.audit.growth import growth
from directory.db import DbSession
from directory.declared import governed_by, open_to_nodes, open_to_public
from directory.limits import LIMITS
from directory.nodes import audit, feed, receipts
from directory.nodes.authenticate import NodeCaller
from directory.nodes.confirm import confirm
from directory.nodes.enrol import create_token, enrol, revoke
from directory.nodes.keys import KeyLine, change_key, key_lines
from directory.nodes.queries import node_record, nodes
from directory.signing import DirectoryKey
from metadata.audit import AuditEntry
from metadata.exchange import BatchStatus, OpenReceipt
from metadata.feed import NodeRecord
from metadata.log_growth import LOG_GROWTH
from metadata.signed import Signed

router = APIRouter(tags=["nodes"])


class Permission(BaseModel):
    """Whom a token is for."""

    model_config = ConfigDict(extra="forbid")

    org_code: Annotated[str, Field(max_length=32)]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    kind: Literal["node", "relay"] = "node"


class NewNode(BaseModel):
    """A token and the statement that uses it, ``Signed`` of kind ``enrolment/1``."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200)]
    node: Signed


class NodeTransition(BaseModel):
    """The one thing that is done to a node, with its reason."""

    model_config = ConfigDict(extra="forbid")

    to: Literal["revoked"]
    comment: Annotated[str, Field(max_length=2000)]


class Heard(BaseModel):
    """A fingerprint as it was read out; blanks and capitals do not matter."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: Annotated[str, Field(max_length=200)]


class Accepted(BaseModel):
    """How many of the records sent were taken, those known before among them or not as the route says."""

    accepted: int


@router.get("/directory-key")
@open_to_public("a public key; the fingerprint is compared over another channel")
def directory_key(key: DirectoryKey) -> Mapping[str, str]:
    """The key that signs grants, node records and the feed's head: raw public key in hex, and its fingerprint."""
    return {"public": key.verifying.public.hex(), "fingerprint": key.key_id}


@router.post("/enrolments", status_code=201)
@governed_by(Action.NODE_ENROL)
def permit(body: Permission, session: DbSession, actor: CurrentActor) -> Mapping[str, str]:
    """A token to enrol one node with, shown this once, good for a week."""
    now = datetime.now(UTC)
    return {
        "token": create_token(session, actor, org_code=body.org_code, name=body.name, kind=body.kind, now=now),
        "expires_at": (now + timedelta(days=LIMITS.token_valid_days)).isoformat(),
    }


@router.post("/nodes", status_code=201)
@open_to_nodes("an enrolment token, used once")
def take_in(body: NewNode, session: DbSession, key: DirectoryKey) -> Mapping[str, object]:
    """Enrol; the answer holds the node's record signed as ``node/1`` and the directory's public key."""
    enrolled = enrol(session, key, body.token, body.node, datetime.now(UTC))
    return {
        "node_id": enrolled.node_id,
        "directory_public": key.verifying.public.hex(),
        "record": enrolled.record.model_dump(mode="json"),
    }


@router.get("/nodes")
@governed_by(Action.EXCHANGE_READ)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[NodeRecord]:
    """Every enrolled party with its public keys, as the feed has them."""
    return [node_record(node) for node in nodes(session)]


@router.post("/nodes/{node_id}/transitions")
@governed_by(Action.NODE_ENROL)
def move(node_id: str, body: NodeTransition, session: DbSession, actor: CurrentActor, key: DirectoryKey) -> NodeRecord:
    """Revoke a node, for good."""
    return node_record(revoke(session, actor, key, node_id, body.comment, datetime.now(UTC)))


@router.post("/nodes/{node_id}/confirmation")
@governed_by(Action.NODE_ENROL)
def take_confirmation(node_id: str, body: Heard, session: DbSession, actor: CurrentActor) -> NodeRecord:
    """Say that the node's first identity key has the fingerprint its department read out over another channel."""
    return node_record(confirm(session, actor, node_id, body.fingerprint, datetime.now(UTC)))


@router.get("/nodes/{node_id}/keys")
@governed_by(Action.EXCHANGE_READ)
def browse_keys(node_id: str, session: DbSession, actor: CurrentActor) -> Sequence[KeyLine]:
    """A node's keys, oldest first, with fingerprints to compare over another channel."""
    return key_lines(session, node_id)


@router.post("/nodes/{node_id}/keys", status_code=201)
@open_to_nodes("a node changes its own keys")
def take_key(node_id: str, session: DbSession, caller: NodeCaller) -> Mapping[str, str]:
    """Body: ``Signed`` of kind ``key_change/1``, which goes into the feed as it is. The same key again: the same."""
    caller.require_is(node_id)
    made = change_key(session, caller.node, Signed.from_bytes(caller.body), datetime.now(UTC))
    return {"key_id": made.key_id}


@router.get("/feed", response_class=Response)
@open_to_nodes("every enrolled node follows the feed")
def read_feed(
    request: Request,
    session: DbSession,
    caller: NodeCaller,
    key: DirectoryKey,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """A ``FeedPage``: the entries after number ``after``, the grants and orders for the caller, the signed head."""
    valid_for = timedelta(seconds=request.app.state.settings.feed_valid_seconds)
    page = feed.page(session, key, caller.node.node_id, after, datetime.now(UTC), valid_for)
    return Response(page.to_bytes(), media_type="application/json")


@router.get("/audit/growth", response_class=Response)
@open_to_nodes("every enrolled node is a witness of the log: hashes, which say nothing of what is in it")
def read_growth(
    request: Request,
    session: DbSession,
    caller: NodeCaller,
    key: DirectoryKey,
    after: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    """``Signed`` of kind ``log_growth/1``: a checkpoint, and the hashes by which it follows from ``after`` entries."""
    grown = growth(session, request.app.state.log_key.verifying, after)
    return Response(Signed.sign(LOG_GROWTH, grown, key).to_bytes(), media_type="application/json")


@router.post("/nodes/{node_id}/receipts")
@open_to_nodes("an end of the route, or the relay, brings signed receipts")
def take_receipts(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``OpenReceipt``, ``receipt/2`` with what it says; all are taken or none. Counts the new ones."""
    caller.require_is(node_id)
    statements = caller.records(OpenReceipt)
    return Accepted(accepted=receipts.take_receipts(session, caller.node, statements, datetime.now(UTC)))


@router.post("/nodes/{node_id}/status")
@open_to_nodes("a node says where its batches stand")
def take_statuses(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``BatchStatus``. Counts those that were not older than what is known."""
    caller.require_is(node_id)
    return Accepted(accepted=receipts.take_statuses(session, caller.node, caller.records(BatchStatus)))


@router.post("/nodes/{node_id}/audit")
@open_to_nodes("a node hands in its own audit entries")
def take_audit(node_id: str, session: DbSession, caller: NodeCaller) -> Accepted:
    """Body: a list of ``AuditEntry``. Counts all that are now durable; the same ``event_id`` again changes nothing."""
    caller.require_is(node_id)
    return Accepted(accepted=audit.take(session, caller.node, caller.records(AuditEntry)))
