"""Ratings as rows: one for each request that brought data, every version kept, and what was said of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class Rating(Base):
    """The rating a department gives the entry it used under one grant; ``version`` is the one that counts now."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("state IN ('shown', 'hidden')", name="state"),
        ForeignKeyConstraint(
            ["request_id", "version"],
            ["rating_version.request_id", "rating_version.version"],
            name="fk_rating_version_now",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), index=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    version: Mapped[int]
    state: Mapped[str]


class RatingVersion(Base):
    """What was given at one time: 1 (worst) to 5 for each of the three, and words. Written once."""

    __tablename__ = "rating_version"
    __table_args__ = (
        CheckConstraint(
            "quality BETWEEN 1 AND 5 AND timeliness BETWEEN 1 AND 5 AND usefulness BETWEEN 1 AND 5", name="marks"
        ),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("rating.request_id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quality: Mapped[int]
    timeliness: Mapped[int]
    usefulness: Mapped[int]
    words: Mapped[str]
    by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_name: Mapped[str]
    at: Mapped[datetime]


class RatingNote(Base):
    """What was said of a rating: the provider's answer, or the office hiding its words and showing them again."""

    __tablename__ = "rating_note"
    __table_args__ = (
        CheckConstraint("act IN ('answered', 'hidden', 'shown')", name="act"),
        CheckConstraint("words <> ''", name="words"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("rating.request_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act: Mapped[str]
    words: Mapped[str]
    by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_name: Mapped[str]
    org_name: Mapped[str]
    at: Mapped[datetime]
