"""The numbers of months that are over, as they were counted then; written once."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class StatisticsMonth(Base):
    """One department's month. No key leads to the department: what is merged or renamed later stays as it was."""

    __tablename__ = "statistics_month"
    __table_args__ = (CheckConstraint("extract(day FROM month) = 1", name="month"),)

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    org_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    org_name: Mapped[str] = mapped_column(String(200))
    numbers: Mapped[dict[str, int]] = mapped_column(JSONB)
    closed_at: Mapped[datetime]
