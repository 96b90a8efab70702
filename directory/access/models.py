"""Requests: their texts, steps, terms and extensions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from directory.access.reply_models import RequestItemRefusal, StandingConsent
from directory.db import Base, RecordColumn
from directory.deciders.models import DeciderRow
from metadata.access import AccessRequest

_OWN_STEP = (
    "(act, state, stage) IN "
    "(('created', 'draft', ''), ('amended', 'draft', ''), "
    "('submitted', 'submitted', 'acceptance'), ('discarded', 'discarded', ''))"
)

_PLACE = ("state", "stage", "due_on", "id")
_DECIDED_BY = ["created_by", "handled_by"]
_SEEN_BY = ["provider_org", "requester_org", "first_submitted_at"]


class RequestRow(Base):
    """One request (申请). Its state is that of its last step, by foreign key: nobody moves it without leaving one.

    ``first_submitted_at`` and ``submitted_at`` differ after a supplement, when the clock starts anew; both are kept.
    ``counted_from``, ``limit_days`` and ``due_on`` are the clock now running (the reply, then the delivery), if any;
    ``reply_due_on`` stays. ``arrived_at`` is when the first rows were applied. Requests made together share
    ``case_no``; ``handled_by`` goes on with it in its creator's place, as its steps say; ``renews`` is the request
    that this one goes on from. ``needs_office`` and ``office_first`` are who decided when it was submitted, by the
    office's rule ``decider_rule_id`` or else by the law.
    """

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("id", "created_by", name="uq_request_id_created_by"),
        ForeignKeyConstraint(
            ["id", "step_seq", "state", "stage"],
            ["request_step.request_id", "request_step.seq", "request_step.state", "request_step.stage"],
            name="fk_request_last_step",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        # What waits, due first: for the office, for a provider, for a requester; what somebody made; what is late. With
        # what their numbers depend on: they are counted without reading a row.
        Index("ix_request_state_stage_due_on_id", *_PLACE, postgresql_include=_DECIDED_BY),
        Index("ix_request_provider_org_state_stage_due_on_id", "provider_org", *_PLACE, postgresql_include=_DECIDED_BY),
        Index(
            "ix_request_requester_org_state_stage_due_on_id", "requester_org", *_PLACE, postgresql_include=_DECIDED_BY
        ),
        Index(
            "ix_request_created_by_created_at_id",
            "created_by",
            "created_at",
            "id",
            postgresql_include=["due_on", *_SEEN_BY],
        ),
        Index("ix_request_handled_by", "handled_by", postgresql_where=text("handled_by IS NOT NULL")),
        Index("ix_request_due_on_id", "due_on", "id", postgresql_include=["created_by", *_SEEN_BY]),
        Index("ix_request_arrived", "requester_org", postgresql_where=text("arrived_at IS NOT NULL")),
        Index(
            "ix_request_running",
            "provider_org",
            "due_on",
            "id",
            postgresql_include=["counted_from", "limit_days"],
            postgresql_where=text("due_on IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), index=True)
    resource_title: Mapped[str]
    provider_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    requester_org: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    handled_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    case_no: Mapped[str | None] = mapped_column(index=True)
    renews: Mapped[UUID | None] = mapped_column(ForeignKey("request.id"), index=True)
    version: Mapped[int]
    share_type: Mapped[str]
    needs_office: Mapped[bool]
    office_first: Mapped[bool] = mapped_column(server_default=false(), default=False)
    decider_rule_id: Mapped[UUID | None] = mapped_column(ForeignKey(DeciderRow.id))
    state: Mapped[str]
    stage: Mapped[str]
    step_seq: Mapped[int]
    first_submitted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    supplement_asked_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    reply_due_on: Mapped[date | None]
    arrived_at: Mapped[datetime | None]
    counted_from: Mapped[date | None]
    limit_days: Mapped[int | None]
    due_on: Mapped[date | None]

    steps: Mapped[list["RequestStep"]] = relationship(
        primaryjoin=lambda: RequestRow.id == foreign(RequestStep.request_id),
        order_by=lambda: RequestStep.seq,
        passive_deletes="all",
        cascade="save-update",
    )
    """Its whole history, oldest first."""
    terms: Mapped[list["RequestClock"]] = relationship(
        order_by=lambda: RequestClock.seq, passive_deletes="all", cascade="save-update"
    )
    """Every term that ever ran for it, oldest first."""
    left_out: Mapped[list[RequestItemRefusal]] = relationship(
        primaryjoin=lambda: RequestRow.id == foreign(RequestItemRefusal.request_id),
        order_by=RequestItemRefusal.step_seq,
        passive_deletes="all",
        cascade="save-update",
    )
    """The items that agreements leave out, by their steps."""

    @property
    def handler(self) -> UUID:
        """The clerk who goes on with it: its creator, or whom it was handed to."""
        return self.handled_by or self.created_by


class RequestVersion(Base):
    """The text of a request; a new one each time it is amended, the old ones stay."""

    __tablename__ = "request_version"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[AccessRequest] = mapped_column(RecordColumn(AccessRequest))
    created_at: Mapped[datetime]


class RequestStep(Base):
    """One step in a request's life: who, what, why, and where it led. Written once.

    The constraints keep the creator from deciding (rule 7 of DESIGN §4), also for whoever writes SQL as the
    application's role: ``requested_by`` is the request's own creator by foreign key, and what the creator may do leads
    to ``draft``, to ``acceptance`` or to nothing (``discarded``) only. Nobody decides that a term of use is over: the
    calendar does.

    ``decided_for`` is whose role it was where a delegate decided, under the delegation named; the creator is neither.

    ``consent_id`` is the standing consent that an agreement rests on, ``decided_by`` then whoever signed it. ``until``
    is the last day for putting right (``suspended``) or for disposal (``disposal_asked``). ``handed_to`` goes on in the
    creator's place, and decides on the request no more than the creator does (guard ``handler``).
    """

    __tablename__ = "request_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "requested_by"], ["request.id", "request.created_by"], name="fk_request_step_creator"
        ),
        UniqueConstraint("request_id", "seq", "state", "stage", name="uq_request_step_outcome"),
        Index(
            "ix_request_step_dealt",
            "decided_by",
            "decided_at",
            "request_id",
            postgresql_include=["requested_by", "state"],
            postgresql_where=text("act NOT IN ('created', 'amended', 'submitted')"),
        ),
        Index(
            "ix_request_step_disputed",
            "decided_by",
            "request_id",
            postgresql_where=text("act IN ('disputed', 'escalated')"),
        ),
        CheckConstraint(f"decided_by <> requested_by OR {_OWN_STEP}", name="not_by_creator"),
        CheckConstraint(
            "num_nonnulls(decided_by, decided_by_node) = CASE WHEN act = 'expired' THEN 0 ELSE 1 END",
            name="one_decider",
        ),
        CheckConstraint(
            "decided_by IS NOT NULL OR (act = state AND state IN ('provisioned', 'active', 'expired', 'replaced'))",
            name="what_nodes_do",
        ),
        CheckConstraint("act <> 'refused' OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint("consent_id IS NULL OR act = 'agreed'", name="consent"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_request_step_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> requested_by", name="not_for_creator"),
        CheckConstraint("(act = 'handed_over') = (handed_to IS NOT NULL)", name="handed_to"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    requested_by: Mapped[UUID]
    act: Mapped[str]
    state: Mapped[str]
    stage: Mapped[str]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_by_node: Mapped[str | None] = mapped_column(ForeignKey("node.node_id"))
    decider_name: Mapped[str]
    org_name: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey(StandingConsent.id))
    until: Mapped[date | None]
    handed_to: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    @property
    def hands(self) -> frozenset[UUID]:
        """Who took it: whoever did, and whoever they did it for."""
        return frozenset(each for each in (self.decided_by, self.decided_for) if each is not None)


class RequestClock(Base):
    """One term that ran for a request, kept for ever: from when, how long, until when, and what ended it.

    ``limit_days`` includes ``extension_days``. At most one of a request runs (``stopped_at`` is null); the request's
    own ``counted_from``, ``limit_days`` and ``due_on`` repeat that one for lists.
    """

    __tablename__ = "request_clock"
    __table_args__ = (
        CheckConstraint("(stopped_at IS NULL) = (outcome IS NULL)", name="stopped"),
        CheckConstraint("outcome IN ('supplement', 'answered', 'provided', 'ended')", name="outcome"),
        Index("uq_request_clock_running", "request_id", unique=True, postgresql_where=text("stopped_at IS NULL")),
        Index(
            "ix_request_clock_ended",
            "stopped_at",
            postgresql_include=["request_id", "due_on"],
            postgresql_where=text("outcome IN ('answered', 'provided')"),
        ),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[str]
    counted_from: Mapped[date]
    limit_days: Mapped[int]
    extension_days: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class RequestExtension(Base):
    """More time to reply (Art. 21): asked for once by the provider, decided by the office, the requester told.

    The requester is told by the step and its worklist in the same transaction: ``notified_at``.
    """

    __tablename__ = "request_extension"
    __table_args__ = (
        CheckConstraint("days BETWEEN 1 AND 10", name="days"),
        CheckConstraint(
            "(is_granted IS NULL) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("decided_by <> requested_by", name="no_self_approval"),
        CheckConstraint("(notified_at IS NOT NULL) = coalesce(is_granted, false)", name="notified"),
        ForeignKeyConstraint(
            ["delegation_id", "decided_by", "decided_for"],
            ["delegation.id", "delegation.delegate_id", "delegation.delegator_id"],
            name="fk_request_extension_delegation",
        ),
        CheckConstraint("num_nonnulls(delegation_id, decided_for) IN (0, 2)", name="delegated"),
        CheckConstraint("decided_for <> requested_by", name="not_for_asker"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    days: Mapped[int]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    requested_at: Mapped[datetime]
    is_granted: Mapped[bool | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_for: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
