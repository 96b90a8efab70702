"""Catalogue entries as rows. The record is stored whole per version; columns repeat what is searched or joined."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base, RecordColumn
from directory.resources.states import APPROVALS, OWN_STEPS, PUBLIC_STEPS, RESULTS, STATUSES
from metadata.resource import Resource

# What may be done to one's own writing is OWN_STEPS. Every other step is a decision on somebody else's.
_STATUSES = ", ".join(f"'{status}'" for status in STATUSES)
_OWN_STEPS = ", ".join(f"'{step}'" for step in OWN_STEPS)
_APPROVALS = ", ".join(f"'{step}'" for step in APPROVALS)
_PUBLIC_STEPS = ", ".join(f"'{step}'" for step in PUBLIC_STEPS)
_RESULTS = ", ".join(f"('{step}', '{status}')" for step, status in RESULTS)


HELD: Final[dict[str, Any]] = {"key_share": True}
"""How an entry's row is held by those who wait for each other, and not for whoever agrees to give something by it."""


class ResourceEntry(Base):
    """One entry. Its status is that of its last step, by foreign key: nothing changes it without leaving a step.

    ``current_version`` is the one being worked on; ``published_version`` the one everybody sees, which stays while a
    successor is edited. ``org_code`` is the provider's. ``source_key`` recognises an entry imported again.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        CheckConstraint("status <> 'published' OR published_version = current_version", name="published"),
        ForeignKeyConstraint(
            ["id", "step_seq", "status"],
            ["resource_step.resource_id", "resource_step.seq", "resource_step.status"],
            name="fk_resource_last_step",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        ForeignKeyConstraint(
            ["id", "current_version"],
            ["resource_version.resource_id", "resource_version.version"],
            name="fk_resource_current_version",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index("ix_resource_plain_title", text("plain_title(title)")),
        Index(
            "ix_resource_source_key", "org_code", "source_key", unique=True, postgresql_where=text("source_key <> ''")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    identifier: Mapped[str | None] = mapped_column(String(64), unique=True)
    code: Mapped[str | None] = mapped_column(String(210), unique=True)
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(20), index=True)
    step_seq: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer, default=1)
    current_version: Mapped[int] = mapped_column(Integer)
    published_version: Mapped[int | None] = mapped_column(Integer)
    published_on: Mapped[date | None] = mapped_column(Date)
    library: Mapped[str | None] = mapped_column(String(32), index=True)
    share_type: Mapped[str | None] = mapped_column(String(32))
    updated_on: Mapped[date] = mapped_column(Date, index=True)
    source_key: Mapped[str] = mapped_column(String(64), server_default="")


class ResourceVersion(Base):
    """One version of the record; written once, never changed. ``created_by`` is its author."""

    __tablename__ = "resource_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "version", "created_by", name="uq_resource_version_author"),
        Index(
            "ix_resource_version_base_items",
            text("""jsonb_path_query_array(record, '$."items"[*]."base_item"?(@ != "")'::jsonpath)"""),
            postgresql_using="gin",
        ),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    record: Mapped[Resource] = mapped_column(RecordColumn(Resource))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]


class ResourceStep(Base):
    """One step in an entry's life, with who took it; approvals are the steps ``head_approve``, ``review``, ``publish``.

    ``authored_by`` is tied to the version's author by foreign key, so the check below holds against direct SQL too:
    nobody decides on what they wrote. Within one ``round`` (a return or recall begins the next) nobody approves twice.
    ``decided_for`` is whose role it was where a delegate decided.
    """

    __tablename__ = "resource_step"
    __table_args__ = (
        UniqueConstraint("resource_id", "seq", "status", name="uq_resource_step_status"),
        ForeignKeyConstraint(
            ["resource_id", "version", "authored_by"],
            ["resource_version.resource_id", "resource_version.version", "resource_version.created_by"],
            name="fk_resource_step_author",
        ),
        CheckConstraint(f"(step, status) IN ({_RESULTS})", name="result"),
        CheckConstraint(f"decided_by <> authored_by OR step IN ({_OWN_STEPS})", name="no_self_approval"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_resource_step_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> authored_by", name="not_for_author"),
        Index("ix_resource_step_decided_by", "decided_by", "decided_at"),
        Index(
            "ix_resource_step_public",
            "decided_at",
            "resource_id",
            "seq",
            postgresql_where=text(f"step IN ({_PUBLIC_STEPS})"),
        ),
        Index(
            "uq_resource_step_approver",
            "resource_id",
            "round",
            "decided_by",
            unique=True,
            postgresql_where=text(f"step IN ({_APPROVALS})"),
        ),
    )

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    step: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer)
    authored_by: Mapped[UUID]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(Text, server_default="")


class ResourceRemark(Base):
    """Why one field was returned: a return step has any number of them, in the order they were given."""

    __tablename__ = "resource_remark"
    __table_args__ = (
        ForeignKeyConstraint(
            ["resource_id", "seq"], ["resource_step.resource_id", "resource_step.seq"], name="fk_resource_remark_step"
        ),
    )

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    path: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)


class AssessmentFile(Base):
    """The file of the ``number``-th assessment of an entry, recorded in ``version``; written once, never changed."""

    __tablename__ = "assessment_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["resource_id", "version"],
            ["resource_version.resource_id", "resource_version.version"],
            name="fk_assessment_file_version",
        ),
        CheckConstraint("number >= 1", name="number"),
    )

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Template(Base):
    """The record with which a new entry of a library begins, where the office has put one in place of the built-in."""

    __tablename__ = "template"

    library: Mapped[str] = mapped_column(String(32), primary_key=True)
    record: Mapped[Resource] = mapped_column(RecordColumn(Resource))
    edited_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    edited_at: Mapped[datetime]


class Minted(Base):
    """The last number given out under a prefix or class code. Its row lock queues registrations, so none is skipped."""

    __tablename__ = "minted"
    __table_args__ = (CheckConstraint("kind IN ('identifier', 'code')", name="kind"),)

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    front: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)
