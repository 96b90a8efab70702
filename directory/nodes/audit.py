"""Audit entries of nodes: taken in their own name only."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from directory.audit.record import accept
from directory.errors import DirectoryError
from directory.nodes.models import Node
from metadata.audit import AuditEntry


def take(session: Session, caller: Node, entries: Sequence[AuditEntry]) -> int:
    """Make the entries durable, all or none, and return how many were given.

    Raises ``NOT_THIS_NODE`` for an entry whose producer is neither the calling node nor its target database.
    """
    own = producers(caller)
    for entry in entries:
        if entry.producer not in own:
            raise DirectoryError("NOT_THIS_NODE", caller=caller.node_id, node_id=entry.producer)
    return accept(session, entries)


def producers(node: Node) -> frozenset[str]:
    """The producers a node may speak as: the relay, or a node and the target database it fills."""
    if node.kind == "relay":
        return frozenset({"relay"})
    return frozenset({f"node:{node.node_id}", f"target:{node.node_id}"})
