"""What the two ends of a route found when they compared."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("route_id", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("brought_by", sa.Text, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_reconciliation"),
        sa.ForeignKeyConstraint(["brought_by"], ["node.node_id"], name="fk_reconciliation_brought_by"),
    )
    op.create_index("ix_reconciliation_route_id", "reconciliation", ["route_id", "said_at"])
