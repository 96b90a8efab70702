"""Access tokens as rows; of the token itself only its SHA-256."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class AccessToken(Base):
    """What a program of ``account_id`` may do: ``scope`` holds policy actions; never more than its owner may."""

    __tablename__ = "access_token"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("cardinality(scope) > 0", name="scope"),
        CheckConstraint("expires_at > created_at AND expires_at <= created_at + interval '367 days'", name="expires"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
