"""Every term that ran for a request; what is known of the past is filled in from the requests."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "request_clock",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("counted_from", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("extension_days", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_request_clock"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_request_clock_request_id"),
        sa.CheckConstraint("(stopped_at IS NULL) = (outcome IS NULL)", name="ck_request_clock_stopped"),
        sa.CheckConstraint(
            "outcome IN ('supplement', 'answered', 'provided', 'ended')", name="ck_request_clock_outcome"
        ),
    )
    op.create_index(
        "uq_request_clock_running",
        "request_clock",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.execute(_REPLIES)
    op.execute(_DELIVERIES)


# A first term that a supplement ended left only its first day; it stays in the request's steps.
_REPLIES = """
INSERT INTO request_clock
    (request_id, seq, rule_id, counted_from, limit_days, extension_days, due_on, started_at, stopped_at, outcome)
SELECT id, 1, CASE share_type WHEN 'unconditional' THEN 'REPLY_UNCONDITIONAL' ELSE 'REPLY_CONDITIONAL' END,
       CAST(submitted_at AT TIME ZONE 'Asia/Shanghai' AS date), CASE share_type WHEN 'unconditional' THEN 1 ELSE 10 END,
       0, reply_due_on, submitted_at, coalesce(replied_at, supplement_asked_at),
       CASE WHEN replied_at IS NOT NULL THEN 'answered' ELSE 'supplement' END
FROM request
WHERE submitted_at IS NOT NULL AND reply_due_on IS NOT NULL AND (replied_at IS NOT NULL OR due_on IS NULL)
UNION ALL
SELECT id, 1, CASE share_type WHEN 'unconditional' THEN 'REPLY_UNCONDITIONAL' ELSE 'REPLY_CONDITIONAL' END,
       counted_from, limit_days, 0, due_on, submitted_at, NULL, NULL
FROM request
WHERE submitted_at IS NOT NULL AND replied_at IS NULL AND due_on IS NOT NULL
"""
_DELIVERIES = """
INSERT INTO request_clock
    (request_id, seq, rule_id, counted_from, limit_days, extension_days, due_on, started_at, stopped_at, outcome)
SELECT id, 2, 'PROVIDE', counted_from, limit_days, 0, due_on, replied_at, NULL, NULL
FROM request
WHERE replied_at IS NOT NULL AND due_on IS NOT NULL
"""
