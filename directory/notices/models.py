"""Notices, and what of them each person has read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Notice(Base):
    """One thing told, to one account or to whoever holds a role: in ``org_code``, or, where that is null, anywhere.

    ``caused_by`` did it, and is not told of it as a holder of a role. What it says is made from ``kind`` and
    ``parameters`` when it is read, and whether the reader may still see what it is about is decided then.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(account_id, role) = 1 AND (org_code IS NULL OR role IS NOT NULL)", name="addressee"
        ),
        Index("ix_notice_account_id_id", "account_id", "id"),
        Index("ix_notice_role_org_code_id", "role", "org_code", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str | None]
    org_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    kind: Mapped[str]
    about: Mapped[UUID | None] = mapped_column(index=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    caused_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]


class NoticeRead(Base):
    """A notice that somebody has read, of those after their mark."""

    __tablename__ = "notice_read"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[datetime]


class NoticeMark(Base):
    """Up to where somebody has read everything: at most one row a person, moved by "all read"."""

    __tablename__ = "notice_mark"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    until_id: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
