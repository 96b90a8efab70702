"""Acts of 机构改革 as rows, with everything that each of them moved, written once; and how far one under way is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

KINDS: Final[Mapping[str, str]] = {"rename": "更名", "merge": "合并", "split": "拆分"}
STAGES: Final[Mapping[str, str]] = {
    "waiting": "核对移交清单",
    "moving": "移交",
    "noting": "记入部门历史和日志",
    "telling": "通知有关人员和节点",
}
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_STAGES = ", ".join(f"'{stage}'" for stage in STAGES)


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
    """One thing that went from one department to another: ``subject`` names it within its ``kind`` (``KIND_WORDS``).

    ``to_org`` is empty for a person who did not go along.
    """

    __tablename__ = "reform_move"
    __table_args__ = (Index("ix_reform_move_from_org", "from_org"),)

    reform_id: Mapped[UUID] = mapped_column(ForeignKey("reform.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    from_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    to_org: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))


class ReformWork(Base):
    """An act that a server carries out beside the requests: ``choice`` and ``digest`` as they were previewed.

    ``done_count`` things of ``total_count`` are through its ``stage``, as of a moment ago; none of it holds before all
    does. ``ended_at`` with an empty ``problem``: it was carried out, in the same transaction.
    """

    __tablename__ = "reform_work"
    __table_args__ = (
        CheckConstraint(f"stage IN ({_STAGES})", name="stage"),
        Index("ix_reform_work_begun_at", "begun_at", postgresql_where=text("ended_at IS NULL")),
    )

    reform_id: Mapped[UUID] = mapped_column(primary_key=True)
    choice: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(String(64))
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    beginner_name: Mapped[str]
    begun_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    stage: Mapped[str] = mapped_column(String(10), server_default="waiting")
    done_count: Mapped[int] = mapped_column(server_default="0")
    total_count: Mapped[int] = mapped_column(server_default="0")
    is_stopping: Mapped[bool] = mapped_column(server_default="false")
    ended_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
