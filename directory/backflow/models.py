"""Which requests are 回流, and for which territory."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class BackflowRequest(Base):
    """A request for what an entry holds of the requester's own territory, by the item that says where. Written once,
    with the request's first text: a request does not become one later, nor ceases to be.
    """

    __tablename__ = "backflow_request"
    __table_args__ = (CheckConstraint("region_code ~ '^[0-9]{6,12}$' AND field <> ''", name="region"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    region_code: Mapped[str]
    field: Mapped[str]
    created_at: Mapped[datetime]
