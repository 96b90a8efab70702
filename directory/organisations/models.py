"""Departments as rows."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, String, false, func, true
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

STAND_IN = "unconfirmed-"  # how the code of a department begins that nobody has given one


class Organisation(Base):
    """A department, named by its 统一社会信用代码.

    ``prefix`` is its open GB/T 21063 前段码 in the register (``directory.prefixes``); without one no identifiers are
    minted. A department that only an imported workbook names is not confirmed, and its code is a stand-in.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("prefix ~ '^[0-9A-Z]{5,6}$'", name="prefix"),
        CheckConstraint("prefix IS NULL OR is_confirmed", name="prefix_confirmed"),
    )

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    short_name: Mapped[str] = mapped_column(String(50), server_default="")
    is_office: Mapped[bool] = mapped_column(Boolean, server_default=false())
    prefix: Mapped[str | None] = mapped_column(String(6), unique=True)
    is_confirmed: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def real_code(self) -> str:
        """Its 统一社会信用代码, or nothing where only a stand-in is known."""
        return "" if self.code.startswith(STAND_IN) else self.code
