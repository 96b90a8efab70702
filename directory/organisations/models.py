"""Departments as rows, what they were called, and who took over from whom."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base
from directory.reform.models import Reform

STAND_IN = "unconfirmed-"  # how the code of a department begins that nobody has given one
LEVELS: Final[Mapping[str, str]] = {
    "nation": "国家级",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "township": "乡级",
}
REGION_PATTERN: Final = r"^([0-9]{6}|[0-9]{9}|[0-9]{12})?$"  # GB/T 2260, or with GB/T 10114 below the county
_LEVELS = ", ".join(f"'{level}'" for level in ("", *LEVELS))


class Organisation(Base):
    """A department, named by its 统一社会信用代码.

    ``prefix`` is its open GB/T 21063 前段码 in the register (``directory.prefixes``); without one no identifiers are
    minted. A department that only an imported workbook names is not confirmed, and its code is a stand-in.
    ``parent_code`` makes them a tree; a trigger refuses cycles. One that was merged or split has a ``closed_on``, and
    triggers refuse whatever is new for it: its ``Succession`` says who took over. ``version`` counts changes.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("prefix ~ '^[0-9A-Z]{5,6}$'", name="prefix"),
        CheckConstraint("prefix IS NULL OR is_confirmed", name="prefix_confirmed"),
        CheckConstraint("prefix IS NULL OR closed_on IS NULL", name="prefix_open"),
        CheckConstraint("parent_code <> code", name="parent"),
        CheckConstraint(f"level IN ({_LEVELS})", name="level"),
        CheckConstraint(f"region_code ~ '{REGION_PATTERN}'", name="region_code"),
    )

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    short_name: Mapped[str] = mapped_column(String(50), server_default="")
    is_office: Mapped[bool] = mapped_column(Boolean, server_default=false())
    prefix: Mapped[str | None] = mapped_column(String(6), unique=True)
    is_confirmed: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    region_code: Mapped[str] = mapped_column(String(12), server_default="")
    level: Mapped[str] = mapped_column(String(10), server_default="")
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def real_code(self) -> str:
        """Its 统一社会信用代码, or nothing where only a stand-in is known."""
        return "" if self.code.startswith(STAND_IN) else self.code


class FormerName(Base):
    """A name that a department had until the day of the act that changed it; records written before still say it."""

    __tablename__ = "organisation_former_name"

    reform_id: Mapped[UUID] = mapped_column(ForeignKey(Reform.id), primary_key=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    short_name: Mapped[str] = mapped_column(String(50))
    until: Mapped[date]


class Succession(Base):
    """That one department took over from another by an act; the default one of each act takes what nobody assigned."""

    __tablename__ = "reform_succession"
    __table_args__ = (
        Index(
            "uq_reform_succession_default",
            "reform_id",
            "from_org",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    reform_id: Mapped[UUID] = mapped_column(ForeignKey(Reform.id), primary_key=True)
    from_org: Mapped[str] = mapped_column(
        ForeignKey("organisation.code", onupdate="CASCADE"), primary_key=True, index=True
    )
    to_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), primary_key=True)
    is_default: Mapped[bool]
