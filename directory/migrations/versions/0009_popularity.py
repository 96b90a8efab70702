"""How often an entry was looked at, and up to where what the search index has caught up with was removed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "resource_views",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", name="pk_resource_views"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_resource_views_resource_id"),
    )
    op.create_table(
        "search_pruned",
        sa.Column("is_only", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("below", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("is_only", name="pk_search_pruned"),
        sa.CheckConstraint("is_only", name="ck_search_pruned_only"),
    )
    op.execute("INSERT INTO search_pruned (below) VALUES (0)")
