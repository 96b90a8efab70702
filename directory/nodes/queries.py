"""Nodes and what they have said, for the other features and for pages."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from directory.nodes.models import BatchStatusRow, Confirmation, KeyChangeRow, Node, ReceiptRow
from metadata.access import GrantEnd
from metadata.exchange import RECEIPT, BatchStatus, Receipt, ReceiptContents
from metadata.feed import NodeRecord
from metadata.keys import FIRST_SUITE, SUITES, AnyVerifyingKey, KeyChain, Purpose
from metadata.signed import Signed


@dataclass(frozen=True)
class Signer:
    """An enrolled, trusted node whose word is to be checked."""

    node_id: str
    kind: str
    org_name: str
    chain: KeyChain

    def key_of(self, key_id: str) -> AnyVerifyingKey | None:
        """Its identity key, if it has this id and nothing has replaced it; for ``Signed.open``."""
        current = self.chain.current("identity", FIRST_SUITE)
        return current.verifying if current is not None and current.key_id == key_id else None

    def witness(self, key_id: str, at: datetime) -> AnyVerifyingKey | None:
        """The identity key with this id, if it counted at an earlier time."""
        found = self.chain.in_force("identity", FIRST_SUITE, at)
        return next((key.verifying for key in found if key.key_id == key_id), None)


def signer(session: Session, node_id: str) -> Signer | None:
    """The node as a signer; None when it is unknown or revoked."""
    node = session.get(Node, node_id)
    if node is None or node.is_revoked:
        return None
    return signer_of(session, node)


def signer_of(session: Session, node: Node) -> Signer:
    """A node that is known to be trusted, as a signer."""
    return Signer(node.node_id, node.kind, node.org_name, key_chain(session, node))


def key_chain(session: Session, node: Node) -> KeyChain:
    """All keys of a node, from the statements it has signed."""
    query = select(KeyChangeRow.body).where(KeyChangeRow.node_id == node.node_id).order_by(KeyChangeRow.number)
    return _chain(node, session.scalars(query))


def _chain(node: Node, changes: Iterable[bytes]) -> KeyChain:
    chain = KeyChain.of(node_record(node))
    for body in changes:
        chain = chain.extend(Signed.from_bytes(bytes(body)))
    return chain


def nodes(session: Session) -> Sequence[Node]:
    """Every enrolled party, by name."""
    return session.scalars(select(Node).order_by(Node.node_id)).all()


def node_record(node: Node) -> NodeRecord:
    """What the feed says about a node."""
    return NodeRecord.model_validate(
        {
            "node_id": node.node_id,
            "name": node.node_id,
            "kind": node.kind,
            "org_code": node.org_code,
            "org_name": node.org_name,
            "identity_public": node.identity_public,
            "decryption_public": node.decryption_public,
            "sm2_identity_public": node.sm2_identity_public,
            "sm2_decryption_public": node.sm2_decryption_public,
            "is_revoked": node.is_revoked,
            "revoked_at": node.revoked_at,
        }
    )


@dataclass(frozen=True)
class RouteEnd:
    """A department's node as the end of a route; whether a person has compared its first fingerprint."""

    grant_end: GrantEnd
    is_confirmed: bool


def ends_named(session: Session, named: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], RouteEnd | None]:
    """Departments' own nodes, by node and department: none where it is not enrolled, revoked, or another's."""
    own = _ends(session, _ENDS.where(tuple_(Node.node_id, Node.org_code).in_(named)))
    return dict.fromkeys(named) | {(end.grant_end.node_id, end.grant_end.org_code): end for end in own}


def ends_of(session: Session, org_codes: Collection[str]) -> Mapping[str, RouteEnd | None]:
    """Where departments receive: the node enrolled first among those not revoked; none where there is not any."""
    first = _ENDS.where(Node.org_code.in_(org_codes)).ext(distinct_on(Node.org_code))
    found = _ends(session, first.order_by(Node.org_code, Node.enrolled_at, Node.node_id))
    return dict.fromkeys(org_codes) | {end.grant_end.org_code: end for end in found}


def has_node(session: Session, org_code: str) -> bool:
    """Whether a department can receive anything."""
    return session.scalar(select(exists().where(Node.org_code == org_code, *_COUNTS))) is True


_COUNTS: Final = (Node.kind == "node", ~Node.is_revoked)
_ENDS: Final = select(
    Node,
    select(func.array_agg(aggregate_order_by(KeyChangeRow.body, KeyChangeRow.number)))
    .where(KeyChangeRow.node_id == Node.node_id)
    .scalar_subquery(),
    exists().where(Confirmation.node_id == Node.node_id),
).where(*_COUNTS)


def _ends(session: Session, query: Select[Any]) -> Iterator[RouteEnd]:
    for node, changes, is_confirmed in session.execute(query):
        chain = _chain(node, changes or ())
        yield RouteEnd(
            GrantEnd(
                org_code=node.org_code,
                org_name=node.org_name,
                node_id=node.node_id,
                identity_key_id=_current(chain, "identity", 1),
                sm2_identity_key_id=_current(chain, "identity", 2),
                decryption_key_ids=tuple(filter(None, (_current(chain, "decryption", suite) for suite in SUITES))),
            ),
            is_confirmed,
        )


def _current(chain: KeyChain, purpose: Purpose, suite: int) -> str:
    key = chain.current(purpose, suite)
    return "" if key is None else key.key_id


class ReceiptLine(BaseModel):
    """A receipt as shown, without its seal: what was said, and when the directory had it."""

    model_config = ConfigDict(frozen=True)

    receipt: Receipt
    contents: ReceiptContents | None
    received_at: datetime


def newest_statuses(session: Session, route_ids: Collection[str], limit: int) -> list[BatchStatus]:
    """What each node last said of the batches of these routes that were heard of last, newest first."""
    newest = (
        select(BatchStatusRow.route_id, BatchStatusRow.seq)
        .where(BatchStatusRow.route_id.in_(route_ids))
        .group_by(BatchStatusRow.route_id, BatchStatusRow.seq)
        .order_by(func.max(BatchStatusRow.said_at).desc())
        .limit(limit)
    )
    batch = tuple_(BatchStatusRow.route_id, BatchStatusRow.seq)
    rows = session.scalars(select(BatchStatusRow).where(batch.in_(newest)).order_by(BatchStatusRow.said_at.desc()))
    return [row.status for row in rows]


def receipts_of(
    session: Session, batches: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], Sequence[ReceiptLine]]:
    """The receipts of these batches (route, seq), in the order received. They were verified when taken."""
    found: dict[tuple[str, int], list[ReceiptLine]] = {}
    query = select(ReceiptRow).where(tuple_(ReceiptRow.route_id, ReceiptRow.seq).in_(batches))
    for row in session.scalars(query.order_by(ReceiptRow.received_at)):
        signed = Signed.from_bytes(row.body)
        if signed.kind != RECEIPT:  # of a time when they were not sealed
            continue
        receipt = Receipt.from_bytes(signed.payload_bytes()).model_copy(update={"sealed": ()})
        line = ReceiptLine(receipt=receipt, contents=row.contents, received_at=row.received_at)
        found.setdefault((row.route_id, row.seq), []).append(line)
    return found


def statuses_by_route(session: Session, route_ids: Collection[str], batch_count: int) -> list[BatchStatus]:
    """What nodes last said of the newest batches of each of these routes, and of every batch that stands still."""
    place = func.dense_rank().over(partition_by=BatchStatusRow.route_id, order_by=BatchStatusRow.seq.desc())
    ranked = (
        select(BatchStatusRow.route_id, BatchStatusRow.seq, BatchStatusRow.node_id, place.label("place"))
        .where(BatchStatusRow.route_id.in_(route_ids))
        .subquery()
    )
    same = and_(
        BatchStatusRow.route_id == ranked.c.route_id,
        BatchStatusRow.seq == ranked.c.seq,
        BatchStatusRow.node_id == ranked.c.node_id,
    )
    stopped = BatchStatusRow.state.in_(("held", "quarantined"))
    query = select(BatchStatusRow).join(ranked, same).where(or_(ranked.c.place <= batch_count, stopped))
    return [row.status for row in session.scalars(query)]


def batch_statuses(session: Session, route_id: str, seq: int) -> list[BatchStatus]:
    """What each node last said of one batch."""
    query = select(BatchStatusRow).where(BatchStatusRow.route_id == route_id, BatchStatusRow.seq == seq)
    return [row.status for row in session.scalars(query)]
