"""Matters (办件) as rows: corrections, objections and complaints, their steps, terms and papers.

What only one kind has stands in a table of that kind's own folder.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base

OWN_ACTS = ("raised", "withdrawn", "escalated", "settled", "acknowledged")
"""What whoever raised a matter may do in it; everything else is done by somebody else, also in SQL."""


class Matter(Base):
    """One matter. Its state is that of its last step, by foreign key; ``to_org`` is the department that answers now.

    ``counted_from``, ``limit_days`` and ``due_on`` repeat the running term, if one runs, for lists. ``words`` may name
    keys of records, and persons: they are for the parties, and go into no log.
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("kind", "year", "number", name="uq_matter_number"),
        UniqueConstraint("id", "created_by", name="uq_matter_id_created_by"),
        CheckConstraint("kind IN ('correction', 'objection', 'complaint')", name="kind"),
        CheckConstraint(
            "num_nonnulls(counted_from, limit_days, due_on) IN (0, 3)",
            name="term",
        ),
        ForeignKeyConstraint(
            ["id", "step_seq", "state"],
            ["matter_step.matter_id", "matter_step.seq", "matter_step.state"],
            name="fk_matter_last_step",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"), index=True)
    resource_title: Mapped[str]
    from_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    to_org: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    words: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    step_seq: Mapped[int]
    counted_from: Mapped[date | None]
    limit_days: Mapped[int | None]
    due_on: Mapped[date | None] = mapped_column(index=True)


class MatterStep(Base):
    """One step in a matter's life: who, what, why, and where it led. Written once.

    ``raised_by`` is the matter's own creator by foreign key; nobody answers what they raised. ``decided_for`` is whose
    role it was where a delegate took it, under the delegation named.
    """

    __tablename__ = "matter_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["matter_id", "raised_by"], ["matter.id", "matter.created_by"], name="fk_matter_step_creator"
        ),
        UniqueConstraint("matter_id", "seq", "state", name="uq_matter_step_outcome"),
        Index("ix_matter_step_decided_by", "decided_by", "decided_at"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_matter_step_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint(
            f"decided_for <> raised_by OR act IN ({', '.join(repr(act) for act in OWN_ACTS)})", name="not_for_creator"
        ),
        CheckConstraint(
            f"decided_by <> raised_by OR act IN ({', '.join(repr(act) for act in OWN_ACTS)})", name="not_by_creator"
        ),
    )

    matter_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raised_by: Mapped[UUID]
    act: Mapped[str]
    state: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decider_name: Mapped[str]
    org_name: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime]


class MatterTerm(Base):
    """One term that ran for a matter, kept for ever: from when, how long, until when, and what ended it."""

    __tablename__ = "matter_term"
    __table_args__ = (
        CheckConstraint("(stopped_at IS NULL) = (outcome IS NULL)", name="stopped"),
        CheckConstraint("extension_days >= 0 AND limit_days >= 1", name="days"),
        Index("uq_matter_term_running", "matter_id", unique=True, postgresql_where=text("stopped_at IS NULL")),
    )

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[str]
    counted_from: Mapped[date]
    limit_days: Mapped[int]
    extension_days: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class MatterFile(Base):
    """A paper that comes with a matter, as it came."""

    __tablename__ = "matter_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), index=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_name: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    org_name: Mapped[str]
    at: Mapped[datetime]
    name: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
