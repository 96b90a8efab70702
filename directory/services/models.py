"""Announced changes and endings of services, what was said about them, and changes of items in running grants."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.access.models import RequestRow
from directory.db import Base


class ServiceNotice(Base):
    """A provider's word to all who use an entry: from that day on it changes, or ends (Art. 27). Written once."""

    __tablename__ = "service_notice"
    __table_args__ = (
        UniqueConstraint("id", "announced_by", name="uq_service_notice_id_announced_by"),
        CheckConstraint("kind IN ('change', 'end')", name="kind"),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("answer_by <= takes_effect_on", name="days"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), index=True)
    kind: Mapped[str]
    words: Mapped[str]
    answer_by: Mapped[date]
    takes_effect_on: Mapped[date]
    announced_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    announced_at: Mapped[datetime]


class ServiceParty(Base):
    """A request that was in use when the notice was given: whose department is asked."""

    __tablename__ = "service_party"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey(ServiceNotice.id), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey(RequestRow.id), primary_key=True, index=True)


class ServiceStep(Base):
    """Who said what about a notice, in order; nothing is ever taken back, only answered.

    ``request_id`` is the use that a consumer speaks for. Nobody files (备案) what they announced themselves.
    """

    __tablename__ = "service_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["notice_id", "announced_by"],
            ["service_notice.id", "service_notice.announced_by"],
            name="fk_service_step_notice",
        ),
        ForeignKeyConstraint(
            ["notice_id", "request_id"],
            ["service_party.notice_id", "service_party.request_id"],
            name="fk_service_step_party",
        ),
        CheckConstraint("act IN ('agreed', 'objected', 'answered', 'filed', 'withdrawn')", name="act"),
        CheckConstraint("(request_id IS NOT NULL) = (act IN ('agreed', 'objected'))", name="whose"),
        CheckConstraint("act <> 'filed' OR said_by <> announced_by", name="no_self_approval"),
        Index(
            "uq_service_step_end",
            "notice_id",
            unique=True,
            postgresql_where=text("act IN ('filed', 'withdrawn')"),
        ),
    )

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    announced_by: Mapped[UUID]
    act: Mapped[str]
    request_id: Mapped[UUID | None]
    words: Mapped[str]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    said_by_name: Mapped[str]
    org_name: Mapped[str]
    said_at: Mapped[datetime]


class ItemChange(Base):
    """What a new version of an entry changes of the items that a running grant holds, told to its consumer.

    ``lines`` are ``ChangedLine``. Only that it was taken note of is added later.
    """

    __tablename__ = "item_change"
    __table_args__ = (CheckConstraint("num_nonnulls(noted_by, noted_by_name, noted_at) IN (0, 3)", name="noted"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey(RequestRow.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_version: Mapped[int]
    lines: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSONB)
    told_at: Mapped[datetime]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    noted_by_name: Mapped[str | None]
    noted_at: Mapped[datetime | None]
