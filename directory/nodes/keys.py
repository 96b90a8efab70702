"""A node changes its keys: by its own signed word, which goes into the feed as it is (DESIGN §7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.feed import append
from directory.nodes.models import HELD, KeyChangeRow, Node
from directory.nodes.queries import key_chain
from metadata.keys import KeyChange, NodeKey, Purpose, grouped
from metadata.signed import Signed

_CLOCKS_APART = timedelta(minutes=5)


class KeyLine(BaseModel):
    """One key of a node as shown. ``fingerprint`` is its id in groups of four, to be compared aloud."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    purpose: Purpose
    suite: int
    fingerprint: str
    since: datetime | None
    until: datetime | None


def change_key(session: Session, caller: Node, statement: Signed, now: datetime) -> NodeKey:
    """Take one change of the calling node's keys; the key it brings. The same key again changes nothing.

    Raises ``NOT_THIS_NODE``, ``NODE_REVOKED``, ``KEY_TAKEN``, ``KEY_CHANGE_TIME`` and, for a change that the node's
    keys do not bear out (another signer, a second successor of one key), ``MetadataError KEY_CHANGE_BAD`` or
    ``SIGNATURE_BAD``.
    """
    node = session.get_one(Node, caller.node_id, with_for_update=HELD)
    session.refresh(node)
    if node.is_revoked:
        raise DirectoryError("NODE_REVOKED", node_id=node.node_id)
    said = KeyChange.from_bytes(statement.payload_bytes())  # believed only by the chain
    if said.node_id != node.node_id:
        raise DirectoryError("NOT_THIS_NODE", caller=node.node_id, node_id=said.node_id)
    chain = key_chain(session, node)
    for key in chain.keys:
        if (key.key_id, key.replaces, key.purpose) == (said.key_id, said.replaces_key_id, said.purpose) and key.since:
            return key
    if _is_taken(session, said):
        raise DirectoryError("KEY_TAKEN", key_id=said.key_id)
    if abs(said.valid_from - now) > _CLOCKS_APART:
        raise DirectoryError("KEY_CHANGE_TIME", valid_from=said.valid_from.isoformat())
    made = chain.extend(statement).keys[-1]
    number = 1 + (
        session.scalar(select(func.max(KeyChangeRow.number)).where(KeyChangeRow.node_id == node.node_id)) or 0
    )
    session.add(
        KeyChangeRow(node_id=node.node_id, number=number, key_id=made.key_id, body=statement.to_bytes(), taken_at=now)
    )
    session.flush()
    append(session, "key_change", statement, now)
    details = {
        "purpose": made.purpose,
        "suite": made.suite,
        "fingerprint": made.key_id,
        "replaces": made.replaces,
        "overlap_until": said.overlap_until.isoformat(),
    }
    record(session, node.node_id, "node:key", node.node_id, details=details, at=now)
    return made


def key_lines(session: Session, node_id: str) -> Sequence[KeyLine]:
    """All keys of a node, oldest first. Raises ``NODE_NOT_FOUND``."""
    node = session.get(Node, node_id)
    if node is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
    return [
        KeyLine(
            key_id=key.key_id,
            purpose=key.purpose,
            suite=key.suite,
            fingerprint=grouped(key.key_id),
            since=key.since or node.enrolled_at,
            until=key.until,
        )
        for key in key_chain(session, node).keys
    ]


def _is_taken(session: Session, said: KeyChange) -> bool:
    """Whether a node has, or has had, this very key; its own are the chain's matter."""
    same = (Node.identity_public, Node.decryption_public, Node.sm2_identity_public, Node.sm2_decryption_public)
    first = select(Node.node_id).where(or_(*(column == said.public for column in same)))
    later = select(KeyChangeRow.node_id).where(KeyChangeRow.key_id == said.key_id)
    return session.scalar(first.union(later)) is not None
