"""Acts of 机构改革 as rows, with everything that each of them moved. Written once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

KINDS: Final[Mapping[str, str]] = {"rename": "更名", "merge": "合并", "split": "拆分"}
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)


class Reform(Base):
    """One act: what kind, from which day on, on which paper (三定规定, 批文) it rests, and who carried it out."""

    __tablename__ = "reform"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("basis <> ''", name="basis"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date]
    basis: Mapped[str]
    words: Mapped[str]
    carried_out_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    carrier_name: Mapped[str]
    carried_out_at: Mapped[datetime]


class ReformMove(Base):
    """One thing that went from one department to another: ``subject`` names it within its ``kind`` (``moves.KINDS``).

    ``to_org`` is empty for a person who did not go along.
    """

    __tablename__ = "reform_move"
    __table_args__ = (Index("ix_reform_move_from_org", "from_org"),)

    reform_id: Mapped[UUID] = mapped_column(ForeignKey("reform.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    from_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    to_org: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
