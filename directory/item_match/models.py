"""What published entries hold, item by item, as far as it is matched: derived from their records, made anew at will.

How an item is spelled stands once, however many entries have it; so a list is compared with spellings, not with items.
"""

from uuid import UUID

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class HeldSpelling(Base):
    """A name, field name and declared standard item; ``id`` is their digest."""

    __tablename__ = "held_spelling"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    field: Mapped[str]
    base_item: Mapped[str]


class HeldEntry(Base):
    """An entry as its published ``version`` says; one whose version is another by now is read from its record."""

    __tablename__ = "held_entry"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    version: Mapped[int]
    title: Mapped[str]
    share_type: Mapped[str]
    is_open: Mapped[bool]


class HeldItem(Base):
    """An item of an entry."""

    __tablename__ = "held_item"

    resource_id: Mapped[UUID] = mapped_column(
        ForeignKey("held_entry.resource_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    spelling_id: Mapped[UUID] = mapped_column(ForeignKey("held_spelling.id"), index=True)
    sensitivity: Mapped[int]
    lead_department: Mapped[str]
