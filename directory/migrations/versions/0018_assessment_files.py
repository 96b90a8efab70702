"""The files of assessments: each belongs to one assessment of an entry, and is never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "assessment_file",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "number", name="pk_assessment_file"),
        sa.ForeignKeyConstraint(
            ["resource_id", "version"],
            ["resource_version.resource_id", "resource_version.version"],
            name="fk_assessment_file_version",
        ),
        sa.CheckConstraint("number >= 1", name="ck_assessment_file_number"),
    )
