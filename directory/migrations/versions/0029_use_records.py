"""What a requester says of its use (Art. 29)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"

_PARTS = ("scenario", "process", "effect", "storage", "disposal")


def upgrade() -> None:
    op.create_table(
        "use_record",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("covers_from", sa.Date, nullable=False),
        sa.Column("covers_until", sa.Date, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _PARTS),
        sa.Column("items_used", postgresql.ARRAY(sa.Text)),
        sa.Column("corrects", sa.Integer),
        sa.Column("correction", sa.Text, nullable=False),
        sa.Column("recorded_by", sa.Uuid, nullable=False),
        sa.Column("recorder_name", sa.Text, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_use_record"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_use_record_request_id"),
        sa.ForeignKeyConstraint(
            ["request_id", "corrects"], ["use_record.request_id", "use_record.seq"], name="fk_use_record_corrects"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name="fk_use_record_recorded_by"),
        sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name="fk_use_record_org_code", onupdate="CASCADE"),
        sa.UniqueConstraint("request_id", "corrects", name="uq_use_record_corrects"),
        sa.CheckConstraint("occasion IN ('first_delivery', 'period', 'end')", name="ck_use_record_occasion"),
        sa.CheckConstraint("covers_from <= covers_until", name="ck_use_record_covers"),
        sa.CheckConstraint("seq >= 1 AND (corrects IS NULL OR corrects < seq)", name="ck_use_record_seq"),
        sa.CheckConstraint("(corrects IS NULL) = (correction = '')", name="ck_use_record_correction"),
    )
    op.create_index("ix_use_record_org_code", "use_record", ["org_code"])
