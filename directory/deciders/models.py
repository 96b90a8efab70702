"""The office's rules on who decides, as rows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class DeciderRow(Base):
    """Who decides on requests that fit, from a day on. Written once: a later one of the same conditions replaces it.

    No provider and empty words mean any. The provider is in every rule, by constraint: nobody takes its decision away.
    """

    __tablename__ = "decider_rule"
    __table_args__ = (
        UniqueConstraint(
            "provider_org",
            "share_type",
            "mount_kind",
            "min_sensitivity",
            "effective_on",
            name="uq_decider_rule_place",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("deciders IN ('provider', 'provider,office', 'office,provider')", name="deciders"),
        CheckConstraint("share_type IN ('', 'unconditional', 'conditional')", name="share_type"),
        CheckConstraint("mount_kind IN ('', 'table', 'file', 'folder')", name="mount_kind"),
        CheckConstraint("min_sensitivity BETWEEN 1 AND 4", name="min_sensitivity"),
        CheckConstraint("basis <> ''", name="basis"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    effective_on: Mapped[date]
    provider_org: Mapped[str | None] = mapped_column(String(32), ForeignKey("organisation.code", onupdate="CASCADE"))
    share_type: Mapped[str]
    mount_kind: Mapped[str]
    min_sensitivity: Mapped[int]
    deciders: Mapped[str]
    basis: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
