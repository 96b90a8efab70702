"""A request that takes the place of one in use: which, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.access.models import RequestRow
from directory.db import Base


class RequestChange(Base):
    """变更: once its grants bind, those of the request that it ``renews`` end in the same step. Written once."""

    __tablename__ = "request_change"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey(RequestRow.id), primary_key=True)
    reason: Mapped[str]
    created_at: Mapped[datetime]
