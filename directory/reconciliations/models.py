"""Reconciliations as rows: appended, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class ReconciliationRow(Base):
    """One comparison as both ends signed it; ``body`` holds the exact signed bytes."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_route_id", "route_id", "said_at"),)

    session_id: Mapped[str] = mapped_column(primary_key=True)
    route_id: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    brought_by: Mapped[str] = mapped_column(ForeignKey("node.node_id"))
    said_at: Mapped[datetime]
    received_at: Mapped[datetime]
