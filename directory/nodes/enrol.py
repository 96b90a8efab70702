"""Enrolment: a token from an administrator, once; then a node, its keys, and its place in the feed."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.nodes.feed import append
from directory.nodes.models import HELD, EnrolmentToken, KeyChangeRow, Node
from directory.nodes.queries import node_record
from directory.organisations.queries import open_organisation, organisation
from directory.policy import require
from directory.typed import require_words
from metadata.enrolment import Enrolment
from metadata.errors import MetadataError
from metadata.keys import FIRST_SUITE, public_key_id
from metadata.signed import Signed
from standards.crypto import SigningKey, VerifyingKey, digest_hex

TOKEN_BYTES = 32
NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True)
class Enrolled:
    """A node's id and its record, signed by the directory."""

    node_id: str
    record: Signed


def create_token(session: Session, actor: Actor, *, org_code: str, name: str, kind: str, now: datetime) -> str:
    """A new token for one node of this department; it is returned once and kept only as a digest.

    Raises ``FORBIDDEN``, ``ORGANISATION_UNKNOWN``, ``NODE_NAME_BAD``, ``NODE_NAME_TAKEN``.
    """
    require(actor, Action.NODE_ENROL, org_code)
    open_organisation(session, org_code)
    if not NAME.fullmatch(name):
        raise DirectoryError("NODE_NAME_BAD")
    if session.get(Node, name) is not None:
        raise DirectoryError("NODE_NAME_TAKEN", name=name)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        EnrolmentToken(
            token_digest=digest_hex(token.encode()),
            name=name,
            kind=kind,
            org_code=org_code,
            created_by=actor.account_id,
            created_at=now,
            expires_at=now + timedelta(days=LIMITS.token_valid_days),
        )
    )
    record(session, actor, "node:permit", name, details={"org_code": org_code, "kind": kind})
    return token


def enrol(session: Session, key: SigningKey, token: str, statement: Signed, now: datetime) -> Enrolled:
    """Take a node in: the token is used up, its keys are signed and put into the feed.

    The statement is signed with the identity key it names, which proves that the sender holds it, and names the token's
    digest, which binds it to this permission. Asking again with the same token and keys gives the same node, so an
    answer lost on the way does no harm. Raises ``TOKEN_REFUSED``, ``ENROLMENT_REFUSED``, ``NODE_NAME_TAKEN``.
    """
    permission = session.get(EnrolmentToken, digest_hex(token.encode()), with_for_update=True)
    if permission is None or permission.expires_at <= now:
        raise DirectoryError("TOKEN_REFUSED")
    asked = _open(statement)
    if not hmac.compare_digest(asked.token_digest, permission.token_digest):
        raise DirectoryError("ENROLMENT_REFUSED", reason="所签内容不是针对此注册码")
    if (asked.name, asked.kind) != (permission.name, permission.kind):
        raise DirectoryError("ENROLMENT_REFUSED", reason=f"此注册码只用于 {permission.kind} {permission.name}")
    if asked.kind == "node" and not asked.decryption_public:
        raise DirectoryError("ENROLMENT_REFUSED", reason="缺少解密公钥")
    known = session.get(Node, asked.name)
    if permission.used_at is not None:
        if known is None or known.identity_public != asked.identity_public:
            raise DirectoryError("TOKEN_REFUSED")
        return Enrolled(known.node_id, Signed.sign("node/1", node_record(known), key))
    if known is not None or _key_is_known(session, asked.identity_public):
        raise DirectoryError("NODE_NAME_TAKEN", name=asked.name)
    permission.used_at = now
    node = Node(
        node_id=asked.name,
        kind=asked.kind,
        org_code=permission.org_code,
        org_name=organisation(session, permission.org_code).name,
        identity_public=asked.identity_public,
        decryption_public=asked.decryption_public,
        sm2_identity_public=asked.sm2_identity_public,
        sm2_decryption_public=asked.sm2_decryption_public,
        is_revoked=False,
        enrolled_at=now,
    )
    session.add(node)
    session.flush()
    signed = announce(session, key, node, now)
    details = {"org_code": node.org_code, "kind": node.kind, "fingerprint": _fingerprint(asked)}
    record(session, node.node_id, "node:enrol", node.node_id, details=details)
    return Enrolled(node.node_id, signed)


def revoke(session: Session, actor: Actor, key: SigningKey, node_id: str, comment: str, now: datetime) -> Node:
    """Trust a node no more, for good: its calls are refused at once, and the feed says so to the others.

    Raises ``FORBIDDEN``, ``NODE_NOT_FOUND``, ``COMMENT_REQUIRED``; revoking again changes nothing.
    """
    node = session.get(Node, node_id, with_for_update=HELD)
    if node is None:
        raise DirectoryError("NODE_NOT_FOUND", node_id=node_id)
    require(actor, Action.NODE_ENROL, node.org_code)
    require_words(comment)
    if not node.is_revoked:
        node.is_revoked, node.revoked_at = True, now
        announce(session, key, node, now)
        record(session, actor, "node:revoke", node_id, details={"comment_digest": digest_hex(comment.encode())})
    return node


def announce(session: Session, key: SigningKey, node: Node, now: datetime) -> Signed:
    """Put a node's record into the feed as it is now; with the same keys it is further word on the same node."""
    signed = Signed.sign("node/1", node_record(node), key)
    append(session, "node", signed, now)
    return signed


def _open(statement: Signed) -> Enrolment:
    """The statement, verified under the key it brings."""
    claimed = Enrolment.from_bytes(statement.payload_bytes())
    try:
        own = VerifyingKey(bytes.fromhex(claimed.identity_public))
    except ValueError:
        raise MetadataError("RECORD_UNREADABLE", kind="enrolment/1", reason="identity_public is not hex") from None
    return statement.open("enrolment/1", Enrolment, {own.key_id: own}.get)


def _fingerprint(asked: Enrolment) -> str:
    return public_key_id("identity", FIRST_SUITE, asked.identity_public)


def _key_is_known(session: Session, identity_public: str) -> bool:
    """As some node's first identity key, or one that came later."""
    first = select(Node.node_id).where(Node.identity_public == identity_public)
    key_id = public_key_id("identity", FIRST_SUITE, identity_public)
    later = select(KeyChangeRow.node_id).where(KeyChangeRow.key_id == key_id)
    return session.scalar(first.union(later)) is not None
