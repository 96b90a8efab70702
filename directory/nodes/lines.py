"""Nodes as pages and the API show them: keys with fingerprints, whether a person has compared them, last call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.nodes.keys import KeyLine, key_lines
from directory.nodes.models import Confirmation, EnrolmentToken, Node
from directory.nodes.queries import nodes
from directory.organisations.queries import organisation
from directory.policy import allows

PURPOSES = {"identity": "身份（签名）", "decryption": "解密"}
SILENT_AFTER = timedelta(minutes=15)
"""A node calls every 20 s of its own accord; one that Airflow drives, every few minutes."""


@dataclass(frozen=True)
class NodeLine:
    """A node, its keys, oldest first, and who has compared its first fingerprint.

    ``seen_at`` is told to those only who see the exchange of its department, or let nodes in.
    """

    node_id: str
    kind: str
    org_name: str
    keys: Sequence[KeyLine]
    confirmation: Confirmation | None
    is_revoked: bool
    enrolled_at: datetime
    seen_at: datetime | None
    is_seen_by_us: bool

    @property
    def fingerprint(self) -> str:
        """Of the first identity key, which was or is to be compared over another channel."""
        return self.keys[0].fingerprint

    def condition(self, now: datetime) -> tuple[str, str]:
        """Its light and its word."""
        if self.is_revoked:
            return "off", "已注销"
        if self.confirmation is None:
            return "amber", "指纹待核对"
        if self.is_seen_by_us and (self.seen_at is None or now - self.seen_at > SILENT_AFTER):
            return "amber", "久无联络"
        return "green", "在用"


@dataclass(frozen=True)
class Waiting:
    """A permission that no node has used yet."""

    name: str
    kind: str
    org_name: str
    created_at: datetime
    expires_at: datetime


def node_lines(session: Session, actor: Actor) -> list[NodeLine]:
    """Every enrolled party, those revoked last, by department and name."""
    confirmed = {row.node_id: row for row in session.scalars(select(Confirmation))}
    found = [_line(session, actor, node, confirmed.get(node.node_id)) for node in nodes(session)]
    return sorted(found, key=lambda each: (each.is_revoked, each.kind, each.org_name, each.node_id))


def node_line(session: Session, actor: Actor, node_id: str) -> NodeLine:
    """One of them; raises ``NODE_NOT_FOUND``."""
    node = session.get(Node, node_id)
    if node is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=node_id[:100])
    return _line(session, actor, node, session.get(Confirmation, node_id))


def waiting(session: Session, now: datetime) -> list[Waiting]:
    """Permissions that can still be used, oldest first."""
    query = select(EnrolmentToken).where(EnrolmentToken.used_at.is_(None), EnrolmentToken.expires_at > now)
    return [
        Waiting(row.name, row.kind, organisation(session, row.org_code).name, row.created_at, row.expires_at)
        for row in session.scalars(query.order_by(EnrolmentToken.created_at))
    ]


def _line(session: Session, actor: Actor, node: Node, confirmation: Confirmation | None) -> NodeLine:
    watching = (Action.EXCHANGE_READ, Action.NODE_ENROL)
    is_seen = any(allows(actor, action, node.org_code) for action in watching)
    return NodeLine(
        node_id=node.node_id,
        kind=node.kind,
        org_name=node.org_name,
        keys=key_lines(session, node.node_id),
        confirmation=confirmation,
        is_revoked=node.is_revoked,
        enrolled_at=node.enrolled_at,
        seen_at=node.seen_at if is_seen else None,
        is_seen_by_us=is_seen,
    )
