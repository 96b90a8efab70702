"""What is said about a request beside its steps, and the papers that come with it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, columns in (
        ("request_comment", (sa.Column("words", sa.Text, nullable=False),)),
        (
            "request_file",
            (
                sa.Column("name", sa.Text, nullable=False),
                sa.Column("size_bytes", sa.Integer, nullable=False),
                sa.Column("sha256", sa.Text, nullable=False),
                sa.Column("data", sa.LargeBinary, nullable=False),
            ),
        ),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.Uuid, nullable=False),
            sa.Column("request_id", sa.Uuid, nullable=False),
            sa.Column("by", sa.Uuid, nullable=False),
            sa.Column("by_name", sa.Text, nullable=False),
            sa.Column("org_code", sa.String(32), nullable=False),
            sa.Column("org_name", sa.Text, nullable=False),
            sa.Column("at", _INSTANT, nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
            sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=f"fk_{name}_request_id"),
            sa.ForeignKeyConstraint(["by"], ["account.id"], name=f"fk_{name}_by"),
            sa.ForeignKeyConstraint(
                ["org_code"], ["organisation.code"], name=f"fk_{name}_org_code", onupdate="CASCADE"
            ),
        )
        op.create_index(f"ix_{name}_request_id", name, ["request_id"])
    op.create_check_constraint("ck_request_comment_words", "request_comment", "words <> ''")
