"""Kept counts of terms: triggers add a row of one more or one less in the transaction that changes what is counted."""

from datetime import date

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class RunningTally(Base):
    """So many more (or fewer) running terms of a provider that are alike; the sum of those alike is how many run."""

    __tablename__ = "running_tally"

    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    provider_org: Mapped[str]
    counted_from: Mapped[date]
    limit_days: Mapped[int]
    due_on: Mapped[date]
    number: Mapped[int] = mapped_column(BigInteger)


class EndedTally(Base):
    """So many more (or fewer) terms that ended by an answer or by rows in a year of ours, after their day or not."""

    __tablename__ = "ended_tally"

    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    provider_org: Mapped[str]
    year: Mapped[int]
    is_late: Mapped[bool]
    number: Mapped[int] = mapped_column(BigInteger)
