"""What nodes see: probes of mounts, and drafts proposed from a node's database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mount_probe",
        sa.Column("resource_id", sa.Uuid),
        sa.Column("mount_id", sa.Text),
        sa.Column("probed_at", _INSTANT),
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("probe", JSONB, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "mount_id", "probed_at", name="pk_mount_probe"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_mount_probe_resource_id"),
        sa.ForeignKeyConstraint(["node_id"], ["node.node_id"], name="fk_mount_probe_node_id"),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid),
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("schema_name", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("profile_digest", sa.Text, nullable=False),
        sa.Column("structure_digest", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
        sa.UniqueConstraint("node_id", "schema_name", "table_name", "profile_digest", name="uq_proposal_profile"),
        sa.CheckConstraint("status IN ('waiting', 'superseded', 'confirmed', 'declined')", name="ck_proposal_status"),
        sa.CheckConstraint("(status = 'confirmed') = (resource_id IS NOT NULL)", name="ck_proposal_confirmed"),
        sa.CheckConstraint(
            "(status IN ('confirmed', 'declined')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="ck_proposal_decided",
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.node_id"], name="fk_proposal_node_id"),
        sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name="fk_proposal_org_code", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_proposal_resource_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_proposal_decided_by"),
    )
    op.create_index("ix_proposal_org_code", "proposal", ["org_code", "status"])
