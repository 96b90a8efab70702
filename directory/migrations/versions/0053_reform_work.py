"""Acts on departments that are under way: what was chosen, how far it is; kept beside the act's own transaction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_table(
        "reform_work",
        sa.Column("reform_id", sa.Uuid, nullable=False),
        sa.Column("choice", JSONB, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("begun_by", sa.Uuid, nullable=False),
        sa.Column("beginner_name", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("stage", sa.String(10), nullable=False, server_default="waiting"),
        sa.Column("done_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_stopping", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("problem", JSONB, nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("reform_id", name="pk_reform_work"),
        sa.ForeignKeyConstraint(["begun_by"], ["account.id"], name="fk_reform_work_begun_by"),
        sa.CheckConstraint("stage IN ('waiting', 'moving', 'noting', 'telling')", name="ck_reform_work_stage"),
    )
    op.create_index(
        "ix_reform_work_begun_at", "reform_work", ["begun_at"], postgresql_where=sa.text("ended_at IS NULL")
    )
