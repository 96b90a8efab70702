"""Accounts, their roles and their sessions as rows."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base
from directory.roles import THREE_ADMINS, Role

_ROLES = ", ".join(f"'{role}'" for role in Role)
_ADMINS = ", ".join(f"'{role}'" for role in Role if role in THREE_ADMINS)


class Account(Base):
    """One person of one organisation. A service account has neither organisation nor password, and cannot sign in.

    Where ``one_time_until`` is set, the password was made by somebody else: until then its owner may sign in to change
    it, and do nothing else; afterwards it is worth nothing.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("org_code IS NOT NULL OR password_hash IS NULL", name="person_has_org"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    org_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    one_time_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountRole(Base):
    """A role of an account. The index keeps 三员 apart: one account is at most one of the three administrators.

    A trigger keeps them from business roles besides. ``granted_by`` is null where the installation gave the role.
    """

    __tablename__ = "account_role"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("granted_by <> account_id", name="not_to_oneself"),
        Index("uq_account_role_one_admin", "account_id", unique=True, postgresql_where=text(f"role IN ({_ADMINS})")),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class LoginSession(Base):
    """A signed-in browser or program. Only its token's SHA-256 is kept; ``kind`` keeps the two from being swapped."""

    __tablename__ = "login_session"
    __table_args__ = (CheckConstraint("kind IN ('browser', 'api')", name="kind"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]


class LoginFailure(Base):
    """Failed attempts in a row for one account name from one address, whether or not such an account exists."""

    __tablename__ = "login_failure"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed_count: Mapped[int] = mapped_column(Integer)
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
