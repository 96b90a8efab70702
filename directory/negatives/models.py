"""Negative-list entries: what may not be shared or opened, on which law, from when until when."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class NegativeEntry(Base):
    """Items, of one catalogue entry, of a department's or (``org_code`` null) of everybody's, or an entry as a whole.

    ``covers`` is ``share``, ``open`` or ``both``. The law is required by the database too; whoever proposed an
    entry does not decide on it, nor anybody for them (``decided_for``). In force from ``since`` to ``until``, both
    included, while ``listed``.
    """

    __tablename__ = "negative_entry"
    __table_args__ = (
        CheckConstraint("covers IN ('share', 'open', 'both')", name="covers"),
        CheckConstraint("state IN ('proposed', 'listed', 'declined', 'removed')", name="state"),
        CheckConstraint("btrim(law_title) <> '' AND btrim(law_article) <> ''", name="law"),
        CheckConstraint("until >= since", name="days"),
        CheckConstraint("resource_id IS NOT NULL OR jsonb_array_length(items) > 0", name="what"),
        CheckConstraint("(decided_by IS NULL) = (state = 'proposed')", name="decided"),
        CheckConstraint("decided_by <> proposed_by", name="no_self_approval"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_negative_entry_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> proposed_by", name="not_for_proposer"),
        CheckConstraint("(ended_by IS NOT NULL) = (state = 'removed')", name="ended"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    covers: Mapped[str] = mapped_column(String(10))
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"), index=True)
    items: Mapped[list[str]] = mapped_column(JSONB)
    law_title: Mapped[str] = mapped_column(String(200))
    law_article: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(server_default="")
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), index=True)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str] = mapped_column(server_default="")
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    end_words: Mapped[str] = mapped_column(server_default="")
