"""Keys of nodes over time, keys of suite 0x02, and which signed calls have come already."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("sm2_identity_public", "sm2_decryption_public"):
        op.add_column("node", sa.Column(name, sa.Text, nullable=False, server_default=""))
        op.alter_column("node", name, server_default=None)
    op.create_table(
        "node_key_change",
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "number", name="pk_node_key_change"),
        sa.UniqueConstraint("key_id", name="uq_node_key_change_key_id"),
        sa.ForeignKeyConstraint(["node_id"], ["node.node_id"], name="fk_node_key_change_node_id"),
        sa.CheckConstraint("number >= 1", name="ck_node_key_change_number"),
    )
    op.create_table(
        "node_nonce",
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "nonce", name="pk_node_nonce"),
    )
    op.create_index("ix_node_nonce_expires_at", "node_nonce", ["expires_at"])
