"""Libraries and their standard items as rows, and every change of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Identity, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base
from metadata.resource import LIBRARY_PATTERN

FIELD_PATTERN = "^[a-z][a-z0-9_]{0,62}$"
CERTAINTIES = ("found", "recalled", "proposal", "local")
"""How far an item can be relied on: as in ``standards``, and ``local`` for what the office entered itself."""


class Library(Base):
    """A base library. ``class_code`` is the 类项目 its entries are numbered in; without one the settings' holds."""

    __tablename__ = "library"
    __table_args__ = (CheckConstraint(f"name ~ '{LIBRARY_PATTERN}'", name="name"),)

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, Identity(always=True))
    label: Mapped[str] = mapped_column(String(50), unique=True)
    class_code: Mapped[str] = mapped_column(String(32), server_default="")
    source: Mapped[str] = mapped_column(server_default="")


class LibraryItem(Base):
    """A standard item. ``lead_org`` is the department that leads it (数源部门, Art. 19), once the office decided it."""

    __tablename__ = "library_item"
    __table_args__ = (
        CheckConstraint(f"field ~ '{FIELD_PATTERN}'", name="field"),
        CheckConstraint(f"certainty IN {CERTAINTIES}", name="certainty"),
    )

    library: Mapped[str] = mapped_column(ForeignKey("library.name"), primary_key=True)
    field: Mapped[str] = mapped_column(String(63), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    standard_id: Mapped[str] = mapped_column(server_default="")
    representation: Mapped[str] = mapped_column(server_default="")
    code_list: Mapped[str] = mapped_column(server_default="")
    rule: Mapped[str] = mapped_column(server_default="")
    sensitivity: Mapped[str] = mapped_column(server_default="")
    certainty: Mapped[str] = mapped_column(String(10))
    is_retired: Mapped[bool] = mapped_column(Boolean, server_default=false())
    lead_org: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))


class LibraryChange(Base):
    """One change of a library (``field`` empty) or of an item: what, from what to what, on which basis, by whom."""

    __tablename__ = "library_change"
    __table_args__ = (Index("ix_library_change_item", "library", "field", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    library: Mapped[str] = mapped_column(ForeignKey("library.name"))
    field: Mapped[str] = mapped_column(String(63))
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[str]
    after: Mapped[str]
    basis: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
