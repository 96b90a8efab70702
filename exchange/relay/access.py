"""Who calls, and whether they are an end of the route. Every call is signed; everybody else is refused."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS
from exchange.relay.nonces import require_first
from exchange.relay.parts import Parts
from standards.crypto import digest
from standards.errors import StandardsError
from standards.http_signature import verify_request

T = TypeVar("T")


def parts(request: Request) -> Parts:
    """What the relay is made of."""
    found: Parts = request.app.state.parts
    return found


RelayParts = Annotated[Parts, Depends(parts)]


async def body(request: Request) -> bytes:
    """A small body, whole. Raises ``BODY_TOO_LARGE``."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LIMITS.body_bytes:
            raise ExchangeError("BODY_TOO_LARGE", limit=LIMITS.body_bytes)
    return bytes(data)


Body = Annotated[bytes, Depends(body)]


def caller(request: Request, content: Body) -> str:
    """The id of the node that signed this call. Raises ``StandardsError`` codes of ``verify_request``."""
    return authenticate(request, digest(content) if content else None)


CallerId = Annotated[str, Depends(caller)]


def authenticate(request: Request, body_digest: bytes | None) -> str:
    """Verify the signature against the keys in the feed; somebody unknown, or a key, may be new, so the feed is
    asked again. A call comes once (``REQUEST_REPLAYED``). Nobody is known by a feed that is ``TRUST_STALE``: a revoked
    key ends at the latest with the head that was held.
    """
    held = parts(request)
    target = request.scope["raw_path"].decode("ascii")
    if request.scope["query_string"]:
        target += "?" + request.scope["query_string"].decode("ascii")

    def verify(trust: TrustSet) -> str:
        trust.require_fresh(held.clock())
        signer = verify_request(request.method, target, request.headers, body_digest, trust.identities, held.clock())
        require_first(held.engine, signer)
        return signer.node_id

    try:
        return verify(held.follower.trust())
    except (ExchangeError, StandardsError) as error:
        if error.code not in ("SIGNER_UNKNOWN", "SIGNATURE_INVALID", "TRUST_STALE"):
            raise
        return verify(held.follower.newest())


async def authenticate_upload(request: Request, body_digest: bytes) -> str:
    """The same before the body has come, whose digest the caller names in the address."""
    return await run_in_threadpool(authenticate, request, body_digest)


def under_trust(held: Parts, check: Callable[[TrustSet], T]) -> T:
    """What ``check`` says under the trust held or, when that says no, under the newest: the caller may know more."""

    def fresh(trust: TrustSet) -> T:
        trust.require_fresh(held.clock())
        return check(trust)

    try:
        return fresh(held.follower.trust())
    except ExchangeError:
        return fresh(held.follower.newest())


def ends(held: Parts, route_id: str) -> tuple[TrustSet, str, str]:
    """Trust, provider and consumer of a route. Raises ``ROUTE_UNKNOWN`` or ``TRUST_STALE``."""

    def find(trust: TrustSet) -> tuple[TrustSet, str, str]:
        found = trust.ends_of(route_id)
        if found is None:
            raise ExchangeError("ROUTE_UNKNOWN", route_id=route_id)
        return trust, *found

    return under_trust(held, find)


def require_end(held: Parts, route_id: str, node_id: str) -> None:
    """Raises ``NOT_AN_END`` unless the caller is the route's provider or consumer."""
    _, provider, consumer = ends(held, route_id)
    if node_id not in (provider, consumer):
        raise ExchangeError("NOT_AN_END", node_id=node_id, route_id=route_id)
