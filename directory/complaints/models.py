"""What only a complaint has. Who complained stands here and in the matter's first step, for the office alone."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Complaint(Base):
    """``name`` and ``contact`` are a paper's sender's; ``brief`` is what the office told the department it assigned."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("channel IN ('signed_in', 'paper')", name="channel"),
        CheckConstraint("topic IN ('personal_information', 'misuse', 'refusal', 'duplicate', 'other')", name="topic"),
        CheckConstraint("channel = 'paper' OR (name = '' AND contact = '')", name="sender"),
    )

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    channel: Mapped[str]
    topic: Mapped[str]
    about_org: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    name: Mapped[str]
    contact: Mapped[str]
    received_on: Mapped[date]
    brief: Mapped[str] = mapped_column(default="")
