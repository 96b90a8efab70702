"""Fidelity certificates as providers' nodes have signed them; who compared which node's fingerprint."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fidelity_certificate",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("route_id", sa.Text, nullable=False),
        sa.Column("resource_identifier", sa.Text, nullable=False),
        sa.Column("resource_version", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("compared_at", _INSTANT, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_fidelity_certificate"),
        sa.ForeignKeyConstraint(["route_id"], ["route.route_id"], name="fk_fidelity_certificate_route_id"),
    )
    op.create_index("ix_fidelity_certificate_route_id", "fidelity_certificate", ["route_id"])
    op.create_index("ix_fidelity_certificate_resource_identifier", "fidelity_certificate", ["resource_identifier"])
    op.create_table(
        "node_confirmation",
        sa.Column("node_id", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("confirmed_by", sa.Uuid, nullable=False),
        sa.Column("confirmer_name", sa.Text, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("node_id", name="pk_node_confirmation"),
        sa.ForeignKeyConstraint(["node_id"], ["node.node_id"], name="fk_node_confirmation_node_id"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name="fk_node_confirmation_confirmed_by"),
    )
