"""Checks of planned forms, kept as they came out; written once."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class CollectionCheck(Base):
    """A planned form, its fields, and what was found for each at that moment (``views.FieldFound`` as JSON)."""

    __tablename__ = "collection_check"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(server_default="")
    field_count: Mapped[int] = mapped_column(Integer)
    held_count: Mapped[int] = mapped_column(Integer)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
