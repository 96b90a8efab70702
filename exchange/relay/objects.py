"""Objects in and out: sealed bytes, at most 64 MiB each, named by their SHA-256, written once."""

import logging
import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.limits import LIMITS
from exchange.relay.access import CallerId, RelayParts, authenticate_upload, parts, require_end, under_trust
from exchange.relay.incoming import Incoming
from exchange.relay.parts import Parts
from exchange.relay.tables import OBJECT, SEGMENT, lock

router = APIRouter(prefix="/relay/v1")
_LOG = logging.getLogger("hutong.relay")

ObjectDigest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


@router.head("/objects/{sha256}")
def probe(sha256: ObjectDigest, held: RelayParts, node_id: CallerId) -> Response:
    """200 when this object is here whole, so that it need not be sent again."""
    _require_provider(held, node_id)
    with held.engine.connect() as connection:
        size_bytes = connection.scalar(select(OBJECT.c.size_bytes).where(OBJECT.c.digest == sha256))
    if size_bytes is None or held.store.size(sha256) != size_bytes:
        raise ExchangeError("OBJECT_UNKNOWN", digest=sha256)
    with held.engine.begin() as connection:  # asked for, it is still wanted
        connection.execute(update(OBJECT).where(OBJECT.c.digest == sha256).values(touched_at=held.clock()))
    return Response()


@router.put("/objects/{sha256}", status_code=201)
async def put(sha256: ObjectDigest, request: Request) -> dict[str, int]:
    """Take one object. The digest in the address is the one signed, and the bytes must have it; the same again is
    fine.
    """
    held = parts(request)
    node_id = await authenticate_upload(request, bytes.fromhex(sha256))
    await run_in_threadpool(_require_provider, held, node_id)
    await run_in_threadpool(_require_room, held, sha256, request.headers.get("content-length", ""))
    incoming = await run_in_threadpool(held.store.receive, sha256)
    try:
        async for piece in request.stream():
            if piece:
                await run_in_threadpool(incoming.write, piece)
        size_bytes = await run_in_threadpool(_keep, held, incoming, sha256, node_id)
    finally:
        await run_in_threadpool(incoming.discard)
    return {"size_bytes": size_bytes}


@router.get("/routes/{route_id}/objects/{sha256}")
def get(route_id: str, sha256: ObjectDigest, request: Request, held: RelayParts, node_id: CallerId) -> Response:
    """An object that was announced on this route, whole or from a byte on (RFC 9110 §14, one range)."""
    require_end(held, route_id, node_id)
    with held.engine.connect() as connection:
        size_bytes = connection.scalar(
            select(OBJECT.c.size_bytes)
            .join(SEGMENT, SEGMENT.c.digest == OBJECT.c.digest)
            .where(SEGMENT.c.digest == sha256, SEGMENT.c.route_id == route_id)
            .limit(1)
        )
    standing = held.store.size(sha256)
    if size_bytes is None or standing is None:
        raise ExchangeError("OBJECT_UNKNOWN", digest=sha256)
    asked = request.headers.get("range")
    first, last = (0, standing - 1) if asked is None else _range(asked, standing)
    headers = {"Content-Length": str(last - first + 1), "Accept-Ranges": "bytes"}
    if asked is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{standing}"
    content: Iterator[bytes] = held.store.read(sha256, first, last - first + 1)
    return Bytes(
        content,
        status_code=200 if asked is None else 206,
        headers=headers,
        media_type="application/octet-stream",
    )


class Bytes(StreamingResponse):
    """An object's bytes. When the store breaks off in the middle so does the answer, and the caller resumes."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except ExchangeError as error:
            _LOG.warning("%s %s", error, error.next_step)


def _keep(held: Parts, incoming: Incoming, sha256: str, node_id: str) -> int:
    """Into the store, then into the tables: only then it counts. The sweep takes the same lock."""
    size_bytes, now = incoming.check(), held.clock()
    with held.engine.begin() as connection:
        lock(connection, sha256)
        incoming.keep()
        connection.execute(
            upsert(OBJECT)
            .values(digest=sha256, size_bytes=size_bytes, uploaded_by=node_id, created_at=now, touched_at=now)
            .on_conflict_do_update(index_elements=["digest"], set_={"touched_at": now})
        )
    return size_bytes


def _require_room(held: Parts, sha256: str, declared: str) -> None:
    """Raises ``RELAY_FULL`` when the quota has no room for this much; what is here already needs none.

    Uploads under way at once may together go beyond it, each by a segment.
    """
    if held.settings.max_bytes == 0:
        return
    with held.engine.connect() as connection:
        is_here = connection.scalar(select(OBJECT.c.digest).where(OBJECT.c.digest == sha256)) is not None
        used_bytes = int(connection.scalar(select(func.sum(OBJECT.c.size_bytes))) or 0)
    coming = int(declared) if declared.isdecimal() and len(declared) < 20 else LIMITS.segment_bytes
    if not is_here and used_bytes + coming > held.settings.max_bytes:
        raise ExchangeError("RELAY_FULL")


def _require_provider(held: Parts, node_id: str) -> None:
    """Only a node that provides on some route may bring objects. Raises ``NOT_AN_END`` or ``TRUST_STALE``."""

    def check(trust: TrustSet) -> None:
        if not _provides(trust, node_id):
            raise ExchangeError("NOT_AN_END", node_id=node_id, route_id="-")

    under_trust(held, check)


def _provides(trust: TrustSet, node_id: str) -> bool:
    return any(facts.is_countersigned and facts.notice.provider.node_id == node_id for facts in trust.grants.values())


def _range(asked: str, size_bytes: int) -> tuple[int, int]:
    """First and last byte. Raises ``RANGE_BAD``."""
    match = _RANGE.fullmatch(asked)
    if match is None:
        raise ExchangeError("RANGE_BAD", given=asked[:40])
    first = int(match[1])
    last = min(int(match[2]) if match[2] else size_bytes - 1, size_bytes - 1)
    if first > last:
        raise ExchangeError("RANGE_BAD", given=asked[:40])
    return first, last
