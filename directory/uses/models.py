"""Use records as rows: written once, put right only by a further one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class UseRecord(Base):
    """What a requester says of its use of what a request was granted, from a day to a day (both included).

    ``items_used`` are the fields that were used; None where nothing is said of items. ``corrects`` is the record that
    this one takes the place of; both stay, and none is taken the place of twice.
    """

    __tablename__ = "use_record"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "corrects"], ["use_record.request_id", "use_record.seq"], name="fk_use_record_corrects"
        ),
        UniqueConstraint("request_id", "corrects", name="uq_use_record_corrects"),
        CheckConstraint("occasion IN ('first_delivery', 'period', 'end')", name="occasion"),
        CheckConstraint("covers_from <= covers_until", name="covers"),
        CheckConstraint("seq >= 1 AND (corrects IS NULL OR corrects < seq)", name="seq"),
        CheckConstraint("(corrects IS NULL) = (correction = '')", name="correction"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    occasion: Mapped[str]
    covers_from: Mapped[date]
    covers_until: Mapped[date]
    scenario: Mapped[str]
    process: Mapped[str]
    effect: Mapped[str]
    storage: Mapped[str]
    disposal: Mapped[str]
    items_used: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    corrects: Mapped[int | None]
    correction: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    recorder_name: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    org_name: Mapped[str]
    recorded_at: Mapped[datetime]
