"""The administrators' calendar table."""

from datetime import date

from sqlalchemy import CheckConstraint
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
