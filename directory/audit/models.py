"""The log as rows: a queue that any transaction may insert into, and the sequenced log with its checkpoints."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class AuditOut(Base):
    """An entry, durable but not yet sequenced. ``bytes`` are the canonical bytes of a ``metadata.AuditEntry``."""

    __tablename__ = "audit_out"

    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(index=True)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)


class AuditLog(Base):
    """A sequenced entry: its place in the tree, its exact bytes, and columns derived from them for look-ups."""

    __tablename__ = "audit_log"

    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)
    producer: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(Text, index=True)


class AuditCheckpoint(Base):
    """A signed statement of size and root, with the frontier (32-byte hashes, joined) from which the next one grows."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
