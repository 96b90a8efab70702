"""What a department entrusted to whom, and what was decided and noted of it. Written once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Entrustment(Base):
    """A department lets somebody build, run or maintain its systems, or keep or work on its data (Art. 36).

    ``contractor_code`` is the contractor's 统一社会信用代码, or empty; ``work`` what they do, ``covers`` what they come
    near by it, ``basis`` the contract or decision; from ``since`` to ``until``, both days included.
    """

    __tablename__ = "entrustment"
    __table_args__ = (
        UniqueConstraint("id", "entered_by", name="uq_entrustment_id_entered_by"),
        CheckConstraint("'' NOT IN (contractor, work, covers, basis)", name="said"),
        CheckConstraint("since <= until", name="days"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    contractor: Mapped[str]
    contractor_code: Mapped[str]
    work: Mapped[str]
    covers: Mapped[str]
    basis: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_by_name: Mapped[str]
    entered_at: Mapped[datetime]


class EntrustmentStep(Base):
    """The head's decision, what was found when the contractor was looked at, the end; nobody approves their own."""

    __tablename__ = "entrustment_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entrustment_id", "entered_by"],
            ["entrustment.id", "entrustment.entered_by"],
            name="fk_entrustment_step_entrustment",
        ),
        CheckConstraint("act IN ('approved', 'refused', 'supervised', 'ended')", name="act"),
        CheckConstraint("act = 'approved' OR words <> ''", name="words"),
        CheckConstraint("act NOT IN ('approved', 'refused') OR said_by <> entered_by", name="no_self_approval"),
        Index(
            "uq_entrustment_step_decision",
            "entrustment_id",
            unique=True,
            postgresql_where=text("act IN ('approved', 'refused')"),
        ),
        Index("uq_entrustment_step_end", "entrustment_id", unique=True, postgresql_where=text("act = 'ended'")),
    )

    entrustment_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entered_by: Mapped[UUID]
    act: Mapped[str]
    words: Mapped[str]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    said_by_name: Mapped[str]
    said_at: Mapped[datetime]
