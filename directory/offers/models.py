"""Row filters that an entry's provider lets others ask for, and the caps on how often and how long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class FilterOffer(Base):
    """One template over one item. ``choices`` are the values that may be asked for, all of the item's when empty
    (the earliest day, for ``since``); ``is_own_region``: only regions within the requester's own.
    """

    __tablename__ = "filter_offer"
    __table_args__ = (
        CheckConstraint("template IN ('region', 'equals', 'since')", name="template"),
        CheckConstraint("NOT is_own_region OR template = 'region'", name="own_region"),
        CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawn"),
        Index(
            "uq_filter_offer_standing",
            "resource_id",
            "field",
            "template",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    field: Mapped[str]
    template: Mapped[str]
    is_own_region: Mapped[bool]
    choices: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    declared_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]


class UseCap(Base):
    """How often, for how many days, with how many rows a batch and how many calls a day at most an entry is given; the
    last one counts. Written once.
    """

    __tablename__ = "use_cap"
    __table_args__ = (
        CheckConstraint("most_often IN ('', 'once', 'monthly', 'weekly', 'daily')", name="most_often"),
        CheckConstraint("most_days BETWEEN 1 AND 36500", name="most_days"),
        CheckConstraint("most_rows >= 1 AND most_calls >= 1", name="most_counted"),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    most_often: Mapped[str]
    most_days: Mapped[int | None]
    most_rows: Mapped[int | None] = mapped_column(BigInteger)
    most_calls: Mapped[int | None] = mapped_column(BigInteger)
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    declared_at: Mapped[datetime]
