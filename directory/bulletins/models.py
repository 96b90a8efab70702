"""The bulletins of the days that are over, by their numbers; what they list is read from the entries' steps."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Bulletin(Base):
    """What one day changed in the catalogue, counted when the day was over; a day that changed nothing has none.

    Written once. Its departments are told in the transaction that writes it, so nobody is told twice.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        CheckConstraint("least(published, changed, suspended, resumed, withdrawn) >= 0", name="counted"),
        CheckConstraint("published + changed + suspended + resumed + withdrawn > 0", name="not_empty"),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    published: Mapped[int]
    changed: Mapped[int]
    suspended: Mapped[int]
    resumed: Mapped[int]
    withdrawn: Mapped[int]
    counted_at: Mapped[datetime]
