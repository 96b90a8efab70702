"""A person compares a new node's fingerprint over another channel and says so: what they heard must be what is here."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.models import HELD, Confirmation, Node
from directory.policy import require
from metadata.keys import FIRST_SUITE, public_key_id


def confirm(session: Session, actor: Actor, node_id: str, heard: str, now: datetime) -> Node:
    """Note that the node's first identity key has the fingerprint that its department read out.

    Keys that follow need no such word: the one before signs them. Confirming again changes nothing. Raises
    ``NODE_NOT_FOUND``, ``FORBIDDEN``, ``NODE_REVOKED``, ``FINGERPRINT_OTHER``.
    """
    node = session.get(Node, node_id, with_for_update=HELD)
    if node is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
    require(actor, Action.NODE_ENROL, node.org_code)
    if node.is_revoked:
        raise DirectoryError("NODE_REVOKED", node_id=node_id)
    fingerprint = public_key_id("identity", FIRST_SUITE, node.identity_public)
    if "".join(heard.split()).lower() != fingerprint:
        raise DirectoryError("FINGERPRINT_OTHER", node_id=node_id)
    if session.get(Confirmation, node_id) is None:
        session.add(
            Confirmation(
                node_id=node_id,
                fingerprint=fingerprint,
                confirmed_by=actor.account_id,
                confirmer_name=actor.display_name,
                confirmed_at=now,
            )
        )
        record(session, actor, "node:confirm", node_id, details={"fingerprint": fingerprint}, at=now)
    return node
