"""Notices: what somebody is told of, and what of it they have read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0029"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("role", sa.Text),
        sa.Column("org_code", sa.String(32)),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Uuid),
        sa.Column("parameters", postgresql.JSONB, nullable=False),
        sa.Column("caused_by", sa.Uuid),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_account_id"),
        sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name="fk_notice_org_code", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["caused_by"], ["account.id"], name="fk_notice_caused_by"),
        sa.CheckConstraint(
            "num_nonnulls(account_id, role) = 1 AND (org_code IS NULL OR role IS NOT NULL)", name="ck_notice_addressee"
        ),
    )
    op.create_index("ix_notice_about", "notice", ["about"])
    op.create_index("ix_notice_account_id_id", "notice", ["account_id", "id"])
    op.create_index("ix_notice_role_org_code_id", "notice", ["role", "org_code", "id"])
    op.create_table(
        "notice_read",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("notice_id", sa.BigInteger, nullable=False),
        sa.Column("read_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "notice_id", name="pk_notice_read"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_read_account_id"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_notice_read_notice_id"),
    )
    op.create_table(
        "notice_mark",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("until_id", sa.BigInteger, nullable=False),
        sa.Column("read_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_notice_mark"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_mark_account_id"),
    )
