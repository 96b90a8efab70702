"""A demand and the items it asks for. How far an item has come is read off what it is tied to, and stands nowhere."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Demand(Base):
    """Which department needs data for which service and purpose, on which law, by when. Never changed, only ended."""

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint("btrim(law_title) <> ''", name="law"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    service: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str]
    law_title: Mapped[str] = mapped_column(String(200))
    law_article: Mapped[str] = mapped_column(String(100), server_default="")
    needed_by: Mapped[date] = mapped_column(Date)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(server_default="")


class DemandItem(Base):
    """One item asked for; the entry and item that a person chose as its source, why, and the request that came of it.

    ``score`` (0–100) and ``reason`` are those of the match as it was chosen; of an entry found by hand, 0 and theirs.
    """

    __tablename__ = "demand_item"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(resource_id, chosen_by, chosen_at) IN (0, 3)",
            name="chosen",
        ),
        CheckConstraint("request_id IS NULL OR resource_id IS NOT NULL", name="requested"),
        CheckConstraint("(satisfied_at IS NULL) = (satisfied_by IS NULL)", name="satisfied"),
    )

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demand.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(server_default="")
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"), index=True)
    item_field: Mapped[str] = mapped_column(String(63), server_default="")
    score: Mapped[int] = mapped_column(Integer, server_default="0")
    reason: Mapped[str] = mapped_column(server_default="")
    chosen_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    chosen_at: Mapped[datetime | None]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("request.id"), index=True)
    satisfied_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    satisfied_at: Mapped[datetime | None]
