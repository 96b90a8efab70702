"""Situations of the law as they were found, and what was said of them. Written once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.access.models import RequestRow
from directory.db import Base
from directory.resources.models import ResourceEntry


class Situation(Base):
    """Somebody found that one of the law's situations holds of a department (Art. 39, 40), and where."""

    __tablename__ = "situation"
    __table_args__ = (
        UniqueConstraint("id", "found_by", name="uq_situation_id_found_by"),
        CheckConstraint("code ~ '^[PC][0-9]$'", name="code"),
        CheckConstraint("words <> ''", name="words"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey(RequestRow.id), index=True)
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey(ResourceEntry.id))
    words: Mapped[str]
    found_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    found_by_name: Mapped[str]
    found_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    found_at: Mapped[datetime]


class SituationStep(Base):
    """What the department answered, and how the office closed it; nobody closes what they found themselves."""

    __tablename__ = "situation_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["situation_id", "found_by"], ["situation.id", "situation.found_by"], name="fk_situation_step_situation"
        ),
        CheckConstraint("act IN ('answered', 'closed')", name="act"),
        CheckConstraint(
            "outcome IN ('', 'corrected', 'referred', 'unfounded') AND (act = 'closed') = (outcome <> '')",
            name="outcome",
        ),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("act <> 'closed' OR said_by <> found_by", name="no_self_approval"),
        Index("uq_situation_step_end", "situation_id", unique=True, postgresql_where=text("act = 'closed'")),
    )

    situation_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    found_by: Mapped[UUID]
    act: Mapped[str]
    outcome: Mapped[str]
    words: Mapped[str]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    said_by_name: Mapped[str]
    org_name: Mapped[str]
    said_at: Mapped[datetime]
