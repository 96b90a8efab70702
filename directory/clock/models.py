"""The administrators' tables: the calendar, and limits that are shorter here."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class CalendarYear(Base):
    """A year whose State Council notice has been entered; other years count Monday to Friday, with a warning."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]


class CalendarDay(Base):
    """A day that differs from its weekday: ``off`` is not worked, ``make_up`` (调休) is."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('off', 'make_up')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")


class LocalRule(Base):
    """A shorter limit that holds here for what is received from a day on: never longer than the regulation's."""

    __tablename__ = "local_rule"
    __table_args__ = (
        CheckConstraint("limit_days >= 1 AND extension_days >= 0", name="days"),
        CheckConstraint("basis <> ''", name="basis"),
    )

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    effective_on: Mapped[date] = mapped_column(primary_key=True)
    limit_days: Mapped[int]
    extension_days: Mapped[int]
    basis: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
