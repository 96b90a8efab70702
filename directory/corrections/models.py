"""What only a correction has: the items and records meant, from when it is put right, who passed it on, who is told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Correction(Base):
    """``items`` are fields of the entry, none for all of it; ``record_keys`` is what was typed to name the records.

    ``corrected_from_on`` (a day of delivery) and ``corrected_from_batch`` say from where what is sent is right.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("record_count IS NULL OR record_count >= 1", name="record_count"),
        CheckConstraint("corrected_from_batch IS NULL OR corrected_from_on IS NOT NULL", name="corrected_from"),
    )

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("request.id"), index=True)
    items: Mapped[list[str]] = mapped_column(ARRAY(Text))
    record_keys: Mapped[str]
    record_count: Mapped[int | None]
    corrected_from_on: Mapped[date | None]
    corrected_from_batch: Mapped[int | None]


class CorrectionReferral(Base):
    """A department that passed a correction on to the lead of the items (数源部门); it goes on seeing it."""

    __tablename__ = "correction_referral"
    __table_args__ = (CheckConstraint("from_org <> to_org", name="onward"),)

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    from_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), primary_key=True)
    to_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    at: Mapped[datetime]


class CorrectionNotice(Base):
    """Told to one consumer, by its grant's request: what it holds is put right, take it again. Acknowledged once."""

    __tablename__ = "correction_notice"
    __table_args__ = (CheckConstraint("(acknowledged_by IS NULL) = (acknowledged_at IS NULL)", name="acknowledged"),)

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True, index=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    told_at: Mapped[datetime]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    acknowledged_name: Mapped[str] = mapped_column(default="")
    acknowledged_at: Mapped[datetime | None]
