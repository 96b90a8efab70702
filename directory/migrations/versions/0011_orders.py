"""Work orders to nodes, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "work_order",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("result", sa.LargeBinary),
        sa.Column("answered_at", _INSTANT),
        sa.PrimaryKeyConstraint("order_id", name="pk_work_order"),
        sa.ForeignKeyConstraint(["node_id"], ["node.node_id"], name="fk_work_order_node_id"),
        sa.CheckConstraint("(result IS NULL) = (outcome IS NULL)", name="ck_work_order_answered"),
        sa.CheckConstraint("(result IS NULL) = (answered_at IS NULL)", name="ck_work_order_answered_at"),
    )
    op.create_index("ix_work_order_node_id", "work_order", ["node_id"])
    op.create_index("ix_work_order_issued_at", "work_order", ["issued_at"])
