"""Extensions of the time to reply."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "request_extension",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("is_granted", sa.Boolean),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", _INSTANT),
        sa.Column("notified_at", _INSTANT),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_extension"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_request_extension_request_id"),
        sa.ForeignKeyConstraint(["requested_by"], ["account.id"], name="fk_request_extension_requested_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_request_extension_decided_by"),
        sa.CheckConstraint("days BETWEEN 1 AND 10", name="ck_request_extension_days"),
        sa.CheckConstraint(
            "(is_granted IS NULL) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="ck_request_extension_decided",
        ),
        sa.CheckConstraint("decided_by <> requested_by", name="ck_request_extension_no_self_approval"),
        sa.CheckConstraint(
            "(notified_at IS NOT NULL) = coalesce(is_granted, false)", name="ck_request_extension_notified"
        ),
    )
