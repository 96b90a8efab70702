"""The register of prefixes and the list of classes as rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class PrefixDelegation(Base):
    """A stem handed down (GB/T 21063.5's scheme: managers allot top-down): its holder allots prefixes that begin so."""

    __tablename__ = "prefix_delegation"
    __table_args__ = (CheckConstraint("stem ~ '^[0-9A-Z]{1,5}$'", name="stem"),)

    stem: Mapped[str] = mapped_column(String(5), primary_key=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    delegated_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    delegated_at: Mapped[datetime]


class PrefixAllotment(Base):
    """Who holds a prefix. The row stays when the prefix is closed, so that nobody else ever gets it.

    A department has one open prefix, under which its identifiers are minted.
    """

    __tablename__ = "prefix_allotment"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9A-Z]{5,6}$'", name="code"),
        Index("uq_prefix_allotment_open", "org_code", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    allotted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    allotted_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ClassCode(Base):
    """One 类, 项, 目 or 细目 of the 2017 guide's code: the guide's own, or local ones that the office lists.

    ``origin`` is ``guide`` or ``local``. A retired one stays, for the codes that were minted under it.
    """

    __tablename__ = "class_code"
    __table_args__ = (
        CheckConstraint("code ~ '^[123]([0-9]{2}([0-9]{3}([0-9]{1,20})?)?)?$'", name="code"),
        CheckConstraint("origin IN ('guide', 'local')", name="origin"),
    )

    code: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(10))
    retired_at: Mapped[datetime | None]
