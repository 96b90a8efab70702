"""What only an objection has: which of the five kinds it is of, and what it is about besides an entry."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Objection(Base):
    """``wish`` is what the objecting department wants done."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("topic IN ('authorisation', 'catalogue', 'content', 'resource', 'use')", name="topic"),
        CheckConstraint("topic NOT IN ('authorisation', 'use') OR request_id IS NOT NULL", name="request"),
    )

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    topic: Mapped[str]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("request.id"), index=True)
    correction_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction.matter_id"), index=True)
    wish: Mapped[str]
