"""Proposals as rows: the signed bytes as they came, and what became of them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

STATUSES = ("waiting", "superseded", "confirmed", "declined")


class ProposalRow(Base):
    """One proposal. Of one table at most one is waiting; a newer look supersedes it. A decision is made once."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("node_id", "schema_name", "table_name", "profile_digest", name="uq_proposal_profile"),
        CheckConstraint("status IN ('waiting', 'superseded', 'confirmed', 'declined')", name="status"),
        CheckConstraint("(status = 'confirmed') = (resource_id IS NOT NULL)", name="confirmed"),
        CheckConstraint(
            "(status IN ('confirmed', 'declined')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided",
        ),
        Index("ix_proposal_org_code", "org_code", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"))
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    schema_name: Mapped[str]
    table_name: Mapped[str]
    profile_digest: Mapped[str]
    structure_digest: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"))
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
