"""The rules of this place, and what was reminded of already."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

SUBJECTS = (
    "request",
    "supplement",
    "use_record",
    "rectification",
    "matter",
    "matter_waiting",
    "service",
    "responsibility",
    "demand",
    "entrustment",
)
"""What rules are about, in the order in which they are shown."""


class ReminderRuleRow(Base):
    """When whom is reminded; the migration enters the rules that hold until the office changes them."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        CheckConstraint(f"subject IN ({', '.join(repr(each) for each in SUBJECTS)})", name="subject"),
        CheckConstraint("moment IN ('half', 'before', 'due', 'after', 'expiring', 'waiting')", name="moment"),
        CheckConstraint("audience IN ('responsible', 'head', 'asker')", name="audience"),
        CheckConstraint("days BETWEEN 0 AND 90", name="days"),
    )

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    moment: Mapped[str]
    days: Mapped[int]
    audience: Mapped[str]
    is_on: Mapped[bool]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime | None]


class Reminded(Base):
    """A rule whose day came for a term: the key keeps it from being told twice, whatever the clock does.

    ``about`` is what has the term, ``seq`` the term among its own (0 for the term of use). A term
    that was moved to another day is reminded of anew: hence ``due_on``. Not every row was told: of several that had
    come at once, only the latest is.
    """

    __tablename__ = "reminded"

    about: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[str] = mapped_column(ForeignKey("reminder_rule.rule_id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
