"""Which node is calling: every call of a node is signed with its identity key (RFC 9421)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.db import DbSession
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.nodes.models import Node, Nonce
from directory.nodes.queries import Signer, key_chain, signer_of
from metadata.keys import FIRST_SUITE
from metadata.record import Record
from standards.crypto import VerifyingKey, digest
from standards.errors import StandardsError
from standards.http_signature import RequestSigner, verify_request

R = TypeVar("R", bound=Record)

_NONCE_KEPT_LONGER = timedelta(minutes=10)  # than it could be used: this clock may be set back


@dataclass(frozen=True)
class Caller:
    """A node that has proved itself, and the body its signature covers."""

    node: Node
    body: bytes
    signer: Signer

    def require_is(self, node_id: str) -> None:
        """A node speaks for itself only; raises ``NOT_THIS_NODE``."""
        if self.node.node_id != node_id:
            raise DirectoryError("NOT_THIS_NODE", caller=self.node.node_id, node_id=node_id)

    def records(self, record_type: type[R]) -> list[R]:
        """The body as a list of records; ``INPUT_MALFORMED`` or ``TOO_MANY_AT_ONCE``. Names fields, never values."""
        try:
            records = TypeAdapter(list[record_type]).validate_json(self.body)  # type: ignore[valid-type]
        except ValidationError as error:
            fields = sorted({".".join(str(part) for part in each["loc"][1:]) or "body" for each in error.errors()})
            raise DirectoryError("INPUT_MALFORMED", fields=fields[:5]) from None
        if len(records) > LIMITS.node_report_count:
            raise DirectoryError("TOO_MANY_AT_ONCE", limit=LIMITS.node_report_count)
        return records


async def _body(request: Request) -> bytes:
    return await request.body()  # its size is bounded by ``directory.http.guard``


def _caller(request: Request, session: DbSession, body: Annotated[bytes, Depends(_body)]) -> Caller:
    """Believe the signature or raise: ``StandardsError`` for what is wrong with it, ``NODE_REVOKED``.

    That the call has come is committed before anything is done for it.
    """

    def keys_of(node_id: str) -> Sequence[VerifyingKey]:
        node = session.get(Node, node_id)
        chain = None if node is None else key_chain(session, node)
        found = () if chain is None else chain.in_force("identity", FIRST_SUITE, now)
        return tuple(VerifyingKey(bytes.fromhex(key.public)) for key in found)

    now = datetime.now(UTC)
    query: bytes = request.scope["query_string"]
    target = request.scope["raw_path"] + (b"?" + query if query else b"")
    signer = verify_request(
        request.method,
        target.decode("latin-1"),
        _headers(request),
        digest(body) if body else None,
        keys_of,
        now,
    )
    node_id = signer.node_id
    _require_first(session, signer)
    node = session.get_one(Node, node_id)
    if node.is_revoked:
        raise DirectoryError("NODE_REVOKED", node_id=node_id)
    if node.seen_at is None or now - node.seen_at > timedelta(seconds=LIMITS.node_seen_seconds):
        node.seen_at = now
        session.execute(delete(Nonce).where(Nonce.expires_at < now - _NONCE_KEPT_LONGER))
    return Caller(node, body, signer_of(session, node))


def _require_first(session: Session, signer: RequestSigner) -> None:
    """Remember the call at once, whatever becomes of it. Raises ``StandardsError REQUEST_REPLAYED``."""
    values = {"node_id": signer.node_id, "nonce": signer.nonce, "expires_at": signer.expires}
    statement = insert(Nonce).values(**values).on_conflict_do_nothing().returning(Nonce.nonce)
    if session.execute(statement).one_or_none() is None:
        raise StandardsError("REQUEST_REPLAYED", node_id=signer.node_id)
    session.commit()


def _headers(request: Request) -> dict[str, str]:
    """Header values by name; one that was sent twice is joined (RFC 9110 §5.2), which no signature of ours survives."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}


NodeCaller = Annotated[Caller, Depends(_caller)]
