"""Delegations as rows; written once, ended once."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base
from directory.roles import DELEGATED_ROLES

_ROLES = ", ".join(f"'{role}'" for role in sorted(DELEGATED_ROLES))


class DelegationRow(Base):
    """``delegate_id`` holds ``role`` of ``delegator_id`` from ``starts_on`` to ``ends_on``, both days included.

    Nothing ends it but its last day (Shanghai's), or whoever revokes it: whether it holds is asked at each decision.
    A step taken under it names all three ids by foreign key (``uq_delegation_hands``).
    """

    __tablename__ = "delegation"
    __table_args__ = (
        UniqueConstraint("id", "delegate_id", "delegator_id", name="uq_delegation_hands"),
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("delegate_id <> delegator_id", name="two_people"),
        CheckConstraint("ends_on BETWEEN starts_on AND starts_on + 91", name="days"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    role: Mapped[str] = mapped_column(String(32))
    delegator_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
