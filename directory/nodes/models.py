"""Nodes, the feed they read, and what they report."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base, RecordColumn
from metadata.exchange import BatchStatus, ReceiptContents

HELD: Final[dict[str, Any]] = {"key_share": True}
"""How who changes a node holds it, until the transaction ends: whoever writes what names it (a grant's route, holding
the feed) does not wait for one who goes on to wait for the feed.
"""


class Node(Base):
    """An enrolled party: a department's exchange node, or the relay.

    Keys are the raw public ones, in hex, that it was enrolled with; those that followed are in ``KeyChangeRow``.
    """

    __tablename__ = "node"
    __table_args__ = (CheckConstraint("kind IN ('node', 'relay')", name="kind"),)

    node_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    org_name: Mapped[str]
    identity_public: Mapped[str] = mapped_column(unique=True)
    decryption_public: Mapped[str] = mapped_column(default="")
    sm2_identity_public: Mapped[str] = mapped_column(default="")
    sm2_decryption_public: Mapped[str] = mapped_column(default="")
    is_revoked: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class KeyChangeRow(Base):
    """One change of a node's keys, in its order: the exact bytes that the node has signed. Written once."""

    __tablename__ = "node_key_change"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)

    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    taken_at: Mapped[datetime]


class Confirmation(Base):
    """A person's word that a node's first identity key is the one its department read out. Written once."""

    __tablename__ = "node_confirmation"

    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"), primary_key=True)
    fingerprint: Mapped[str]
    confirmed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    confirmer_name: Mapped[str]
    confirmed_at: Mapped[datetime]


class Nonce(Base):
    """A signed call that has come; the same will not be done again."""

    __tablename__ = "node_nonce"

    node_id: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EnrolmentToken(Base):
    """Permission to enrol one node once, known only by the token's digest."""

    __tablename__ = "enrolment_token"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FeedEntryRow(Base):
    """One entry of the feed: its exact bytes, and the chain's digest up to and with it; ``whole`` is the record that it
    names and does not contain. Written once.
    """

    __tablename__ = "feed_entry"
    __table_args__ = (CheckConstraint("seq >= 1", name="seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    whole: Mapped[bytes | None] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    appended_at: Mapped[datetime]


class ReceiptRow(Base):
    """One party's signed word on one batch, and what it says. Written once; the first of its kind stays."""

    __tablename__ = "receipt"

    route_id: Mapped[str] = mapped_column(ForeignKey("route.route_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    by_node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"), primary_key=True)
    batch_digest: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    contents: Mapped[ReceiptContents | None] = mapped_column(RecordColumn(ReceiptContents))
    received_at: Mapped[datetime]


class BatchStatusRow(Base):
    """What one node last said about one batch."""

    __tablename__ = "batch_status"

    route_id: Mapped[str] = mapped_column(ForeignKey("route.route_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"), primary_key=True)
    state: Mapped[str] = mapped_column(index=True)
    status: Mapped[BatchStatus] = mapped_column(RecordColumn(BatchStatus))
    said_at: Mapped[datetime] = mapped_column(index=True)
