"""Work orders as issued, and each node's answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class WorkOrderRow(Base):
    """One order, signed (``body``), and once it is answered the node's signed result. The first answer stays."""

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint("(result IS NULL) = (outcome IS NULL)", name="answered"),
        CheckConstraint("(result IS NULL) = (answered_at IS NULL)", name="answered_at"),
    )

    order_id: Mapped[str] = mapped_column(primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"), index=True)
    action: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    outcome: Mapped[str | None]
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
