"""The cart as rows: whose, what, and what was typed for it so far."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class CartItem(Base):
    """An entry that somebody has chosen to request together with others."""

    __tablename__ = "cart_item"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    added_at: Mapped[datetime]


class CartForm(Base):
    """The cart's form as it was last sent, complete or not: nothing typed is lost while more is being looked for."""

    __tablename__ = "cart_form"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    typed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]
