"""A responsibility and its steps; the state is that of the last step, by foreign key."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Responsibility(Base):
    """What a department must catalogue and provide by when, and on what; often an item of a demand nobody supplies.

    ``resource_id`` is the entry that the department named; whether it is published is that entry's to say.
    """

    __tablename__ = "responsibility"
    __table_args__ = (
        UniqueConstraint("id", "assigned_by", name="uq_responsibility_id_assigned_by"),
        CheckConstraint("(demand_id IS NULL) = (demand_number IS NULL)", name="demand"),
        CheckConstraint("(state = 'catalogued') = (resource_id IS NOT NULL)", name="catalogued"),
        ForeignKeyConstraint(
            ["demand_id", "demand_number"],
            ["demand_item.demand_id", "demand_item.number"],
            name="fk_responsibility_item",
        ),
        ForeignKeyConstraint(
            ["id", "step_seq", "state"],
            ["responsibility_step.responsibility_id", "responsibility_step.seq", "responsibility_step.state"],
            name="fk_responsibility_last_step",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date] = mapped_column(Date)
    demand_id: Mapped[UUID | None] = mapped_column(index=True)
    demand_number: Mapped[int | None] = mapped_column(Integer)
    assigned_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), index=True)
    step_seq: Mapped[int] = mapped_column(Integer)
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"), index=True)


class ResponsibilityStep(Base):
    """One step: what was done, by whom, why, and where it led. Written once; whoever named it does not answer it, nor
    does anybody for them. ``decided_for`` is whose role it was where a delegate took it.
    """

    __tablename__ = "responsibility_step"
    __table_args__ = (
        UniqueConstraint("responsibility_id", "seq", "state", name="uq_responsibility_step_outcome"),
        ForeignKeyConstraint(
            ["responsibility_id", "assigned_by"],
            ["responsibility.id", "responsibility.assigned_by"],
            name="fk_responsibility_step_assigner",
        ),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_responsibility_step_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> assigned_by", name="not_for_assigner"),
        CheckConstraint("decided_by <> assigned_by OR act IN ('assigned', 'withdrawn')", name="not_by_assigner"),
        CheckConstraint("act NOT IN ('refused', 'withdrawn', 'upheld') OR reason <> ''", name="reason"),
    )

    responsibility_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(server_default="")
    assigned_by: Mapped[UUID]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_at: Mapped[datetime]
