"""Corrections, objections and complaints, with what they have in common; ratings.

Who a matter came from, who was told and who rated move with a department only along a recorded act (``0025``).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0030"
down_revision = "0032"

_INSTANT = sa.DateTime(timezone=True)
_OWN = "'raised', 'withdrawn', 'escalated', 'settled', 'acknowledged'"


def _org(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _org_key(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["organisation.code"], name=f"fk_{table}_{column}", onupdate="CASCADE")


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    _matters()
    _corrections()
    op.create_table(
        "objection",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("correction_id", sa.Uuid),
        sa.Column("wish", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("matter_id", name="pk_objection"),
        _key("objection", "matter_id", "matter.id"),
        _key("objection", "request_id", "request.id"),
        _key("objection", "correction_id", "correction.matter_id"),
        sa.CheckConstraint(
            "topic IN ('authorisation', 'catalogue', 'content', 'resource', 'use')", name="ck_objection_topic"
        ),
        sa.CheckConstraint(
            "topic NOT IN ('authorisation', 'use') OR request_id IS NOT NULL", name="ck_objection_request"
        ),
    )
    _index("objection", "request_id", "correction_id")
    op.create_table(
        "complaint",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        _org("about_org", nullable=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("brief", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("matter_id", name="pk_complaint"),
        _key("complaint", "matter_id", "matter.id"),
        _org_key("complaint", "about_org"),
        sa.CheckConstraint("channel IN ('signed_in', 'paper')", name="ck_complaint_channel"),
        sa.CheckConstraint(
            "topic IN ('personal_information', 'misuse', 'refusal', 'duplicate', 'other')", name="ck_complaint_topic"
        ),
        sa.CheckConstraint("channel = 'paper' OR (name = '' AND contact = '')", name="ck_complaint_sender"),
    )
    _ratings()
    for table, column in (("matter", "from_org"), ("correction_notice", "org_code"), ("rating", "org_code")):
        op.execute(
            f"CREATE TRIGGER follow_reform BEFORE INSERT OR UPDATE OF {column} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION hutong_follow_reform('{column}')"
        )


def _matters() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("resource_title", sa.Text, nullable=False),
        _org("from_org"),
        _org("to_org", nullable=True),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("step_seq", sa.Integer, nullable=False),
        sa.Column("counted_from", sa.Date),
        sa.Column("limit_days", sa.Integer),
        sa.Column("due_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_matter"),
        sa.UniqueConstraint("kind", "year", "number", name="uq_matter_number"),
        sa.UniqueConstraint("id", "created_by", name="uq_matter_id_created_by"),
        _key("matter", "resource_id", "resource.id"),
        _key("matter", "created_by", "account.id"),
        _org_key("matter", "from_org"),
        _org_key("matter", "to_org"),
        sa.CheckConstraint("kind IN ('correction', 'objection', 'complaint')", name="ck_matter_kind"),
        sa.CheckConstraint("num_nonnulls(counted_from, limit_days, due_on) IN (0, 3)", name="ck_matter_term"),
    )
    _index("matter", "resource_id", "from_org", "to_org", "created_by", "state", "due_on")
    op.create_table(
        "matter_step",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("raised_by", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decider_name", sa.Text, nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("matter_id", "seq", name="pk_matter_step"),
        sa.UniqueConstraint("matter_id", "seq", "state", name="uq_matter_step_outcome"),
        sa.ForeignKeyConstraint(
            ["matter_id", "raised_by"], ["matter.id", "matter.created_by"], name="fk_matter_step_creator"
        ),
        _key("matter_step", "decided_by", "account.id"),
        sa.CheckConstraint(f"decided_by <> raised_by OR act IN ({_OWN})", name="ck_matter_step_not_by_creator"),
    )
    op.create_foreign_key(
        "fk_matter_last_step",
        "matter",
        "matter_step",
        ["id", "step_seq", "state"],
        ["matter_id", "seq", "state"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_table(
        "matter_term",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("counted_from", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("extension_days", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("stopped_at", _INSTANT),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("matter_id", "seq", name="pk_matter_term"),
        _key("matter_term", "matter_id", "matter.id"),
        sa.CheckConstraint("(stopped_at IS NULL) = (outcome IS NULL)", name="ck_matter_term_stopped"),
        sa.CheckConstraint("extension_days >= 0 AND limit_days >= 1", name="ck_matter_term_days"),
    )
    op.create_index(
        "uq_matter_term_running",
        "matter_term",
        ["matter_id"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_table(
        "matter_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("by", sa.Uuid, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        _org("org_code"),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_matter_file"),
        _key("matter_file", "matter_id", "matter.id"),
        _key("matter_file", "by", "account.id"),
        _org_key("matter_file", "org_code"),
    )
    _index("matter_file", "matter_id")


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("items", ARRAY(sa.Text), nullable=False),
        sa.Column("record_keys", sa.Text, nullable=False),
        sa.Column("record_count", sa.Integer),
        sa.Column("corrected_from_on", sa.Date),
        sa.Column("corrected_from_batch", sa.Integer),
        sa.PrimaryKeyConstraint("matter_id", name="pk_correction"),
        _key("correction", "matter_id", "matter.id"),
        _key("correction", "request_id", "request.id"),
        sa.CheckConstraint("record_count IS NULL OR record_count >= 1", name="ck_correction_record_count"),
        sa.CheckConstraint(
            "corrected_from_batch IS NULL OR corrected_from_on IS NOT NULL", name="ck_correction_corrected_from"
        ),
    )
    _index("correction", "request_id")
    op.create_table(
        "correction_referral",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        _org("from_org"),
        _org("to_org"),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("matter_id", "from_org", name="pk_correction_referral"),
        _key("correction_referral", "matter_id", "matter.id"),
        _org_key("correction_referral", "from_org"),
        _org_key("correction_referral", "to_org"),
        sa.CheckConstraint("from_org <> to_org", name="ck_correction_referral_onward"),
    )
    op.create_table(
        "correction_notice",
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        _org("org_code"),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("acknowledged_by", sa.Uuid),
        sa.Column("acknowledged_name", sa.Text, nullable=False),
        sa.Column("acknowledged_at", _INSTANT),
        sa.PrimaryKeyConstraint("matter_id", "request_id", name="pk_correction_notice"),
        _key("correction_notice", "matter_id", "matter.id"),
        _key("correction_notice", "request_id", "request.id"),
        _key("correction_notice", "acknowledged_by", "account.id"),
        _org_key("correction_notice", "org_code"),
        sa.CheckConstraint(
            "(acknowledged_by IS NULL) = (acknowledged_at IS NULL)", name="ck_correction_notice_acknowledged"
        ),
    )
    _index("correction_notice", "request_id", "org_code")


def _ratings() -> None:
    op.create_table(
        "rating",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        _org("org_code"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_rating"),
        _key("rating", "request_id", "request.id"),
        _key("rating", "resource_id", "resource.id"),
        _org_key("rating", "org_code"),
        sa.CheckConstraint("state IN ('shown', 'hidden')", name="ck_rating_state"),
    )
    _index("rating", "resource_id", "org_code")
    op.create_table(
        "rating_version",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("quality", sa.Integer, nullable=False),
        sa.Column("timeliness", sa.Integer, nullable=False),
        sa.Column("usefulness", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("by", sa.Uuid, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "version", name="pk_rating_version"),
        _key("rating_version", "request_id", "rating.request_id"),
        _key("rating_version", "by", "account.id"),
        sa.CheckConstraint(
            "quality BETWEEN 1 AND 5 AND timeliness BETWEEN 1 AND 5 AND usefulness BETWEEN 1 AND 5",
            name="ck_rating_version_marks",
        ),
    )
    op.create_foreign_key(
        "fk_rating_version_now",
        "rating",
        "rating_version",
        ["request_id", "version"],
        ["request_id", "version"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_table(
        "rating_note",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("by", sa.Uuid, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_rating_note"),
        _key("rating_note", "request_id", "rating.request_id"),
        _key("rating_note", "by", "account.id"),
        sa.CheckConstraint("act IN ('answered', 'hidden', 'shown')", name="ck_rating_note_act"),
        sa.CheckConstraint("words <> ''", name="ck_rating_note_words"),
    )
