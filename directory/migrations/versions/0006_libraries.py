"""The registers of the base libraries; an index of which entries hold which standard item."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "library",
        sa.Column("name", sa.String(32)),
        sa.Column("seq", sa.Integer, sa.Identity(always=True)),
        sa.Column("label", sa.String(50), nullable=False),
        sa.Column("class_code", sa.String(32), server_default="", nullable=False),
        sa.Column("source", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_library"),
        sa.UniqueConstraint("label", name="uq_library_label"),
        sa.CheckConstraint("name ~ '^[a-z][a-z0-9_]{0,31}$'", name="ck_library_name"),
    )
    op.create_table(
        "library_item",
        sa.Column("library", sa.String(32)),
        sa.Column("field", sa.String(63)),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("standard_id", sa.Text, server_default="", nullable=False),
        sa.Column("representation", sa.Text, server_default="", nullable=False),
        sa.Column("code_list", sa.Text, server_default="", nullable=False),
        sa.Column("rule", sa.Text, server_default="", nullable=False),
        sa.Column("sensitivity", sa.Text, server_default="", nullable=False),
        sa.Column("certainty", sa.String(10), nullable=False),
        sa.Column("is_retired", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("lead_org", sa.String(32)),
        sa.PrimaryKeyConstraint("library", "field", name="pk_library_item"),
        sa.ForeignKeyConstraint(["library"], ["library.name"], name="fk_library_item_library"),
        sa.ForeignKeyConstraint(
            ["lead_org"], ["organisation.code"], name="fk_library_item_lead_org", onupdate="CASCADE"
        ),
        sa.CheckConstraint("field ~ '^[a-z][a-z0-9_]{0,62}$'", name="ck_library_item_field"),
        sa.CheckConstraint("certainty IN ('found', 'recalled', 'proposal', 'local')", name="ck_library_item_certainty"),
    )
    op.create_table(
        "library_change",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("library", sa.String(32), nullable=False),
        sa.Column("field", sa.String(63), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_library_change"),
        sa.ForeignKeyConstraint(["library"], ["library.name"], name="fk_library_change_library"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_library_change_decided_by"),
    )
    op.create_index("ix_library_change_item", "library_change", ["library", "field", "seq"])
    # Which versions name which standard items: "population/id_number". Most name none and take no room here.
    op.execute(
        "CREATE INDEX ix_resource_version_base_items ON resource_version USING gin"
        """ (jsonb_path_query_array(record, '$.items[*].base_item ? (@ != "")'))"""
    )
