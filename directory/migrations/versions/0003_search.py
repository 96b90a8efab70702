"""What the search index has to catch up with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "search_change",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True)),
        sa.Column(
            "xact", sa.BigInteger, server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_search_change"),
    )
    op.create_index("ix_search_change_xact", "search_change", ["xact"])
