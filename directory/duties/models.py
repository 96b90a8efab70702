"""A reported change of law or duty, the entries it touches, and the one extension. How far it is stands nowhere here:
``states`` reads it off the entries' own steps.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class DutyChange(Base):
    """What changed, and on which day: that day starts the department's term (Art. 17) and is not counted."""

    __tablename__ = "duty_change"
    __table_args__ = (CheckConstraint("kind IN ('law', 'duty')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(100), server_default="")
    description: Mapped[str] = mapped_column(Text, server_default="")
    changed_on: Mapped[date] = mapped_column(Date)
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime]


class DutyChangeEntry(Base):
    """An entry that must follow. Versions after ``at_version``, the one at the report, are its update."""

    __tablename__ = "duty_change_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["resource_id", "at_version"],
            ["resource_version.resource_id", "resource_version.version"],
            name="fk_duty_change_entry_version",
        ),
    )

    change_id: Mapped[UUID] = mapped_column(ForeignKey("duty_change.id"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True, index=True)
    at_version: Mapped[int] = mapped_column(Integer)


class DutyExtension(Base):
    """The extension asked for, of at most five working days, once; whoever asked does not decide."""

    __tablename__ = "duty_extension"
    __table_args__ = (
        CheckConstraint("days BETWEEN 1 AND 5", name="days"),
        CheckConstraint(
            "(is_granted IS NULL) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("decided_by <> requested_by", name="no_self_approval"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_duty_extension_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> requested_by", name="not_for_asker"),
    )

    change_id: Mapped[UUID] = mapped_column(ForeignKey("duty_change.id"), primary_key=True)
    days: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    requested_at: Mapped[datetime]
    is_granted: Mapped[bool | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, server_default="")
