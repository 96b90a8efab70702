"""What a supplement notice lists, which items a reply leaves out, standing consents, and certificates of disposal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class RequestSupplement(Base):
    """One thing that a supplement notice lists; the notice is the step. ``version`` is the text it was missing in."""

    __tablename__ = "request_supplement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "step_seq"],
            ["request_step.request_id", "request_step.seq"],
            name="fk_request_supplement_step",
        ),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    step_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class RequestItemRefusal(Base):
    """One item that the step, an agreement, leaves out, and why."""

    __tablename__ = "request_item_refusal"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "step_seq"],
            ["request_step.request_id", "request_step.seq"],
            name="fk_request_item_refusal_step",
        ),
        CheckConstraint("reason <> ''", name="reason"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    step_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]


class StandingConsent(Base):
    """A provider's consent, given once, to every request for one version of an unconditional entry; revocable.

    With ``is_backflow`` it is to every 回流 (Art. 24) of an entry, whose conditions do not count there. At most one of
    each kind stands of an entry (``revoked_at`` is null).
    """

    __tablename__ = "standing_consent"
    __table_args__ = (
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_words IS NULL)",
            name="revoked",
        ),
        Index(
            "uq_standing_consent_standing",
            "resource_id",
            "is_backflow",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    resource_version: Mapped[int]
    is_backflow: Mapped[bool] = mapped_column(server_default=false())
    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), index=True)
    words: Mapped[str]
    signed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    signer_name: Mapped[str]
    signed_at: Mapped[datetime]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    revoke_words: Mapped[str | None]


class DisposalCertificate(Base):
    """That what was received is no longer held, as the provider asked (Art. 27); written once by the requester."""

    __tablename__ = "disposal_certificate"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    step_seq: Mapped[int]
    way: Mapped[str]
    carried_out_on: Mapped[date]
    carried_out_by: Mapped[str]
    witnessed_by: Mapped[str]
    covers: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "step_seq"],
            ["request_step.request_id", "request_step.seq"],
            name="fk_disposal_certificate_step",
        ),
    )
