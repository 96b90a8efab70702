"""Comments and papers of a request as rows; added to, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from directory.access.models import RequestRow
from directory.db import Base


class RequestComment(Base):
    """What somebody said about a request beside its steps."""

    __tablename__ = "request_comment"
    __table_args__ = (CheckConstraint("words <> ''", name="words"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey(RequestRow.id), index=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_name: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    org_name: Mapped[str]
    at: Mapped[datetime]
    words: Mapped[str]


class RequestFile(Base):
    """A paper that comes with a request, as it came."""

    __tablename__ = "request_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey(RequestRow.id), index=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_name: Mapped[str]
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    org_name: Mapped[str]
    at: Mapped[datetime]
    name: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
