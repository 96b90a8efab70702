"""Bulletins: what each day changed in the catalogue, counted once; an index of the steps that all are told of."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

_KINDS = ("published", "changed", "suspended", "resumed", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("day", sa.Date, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in _KINDS),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_bulletin"),
        sa.CheckConstraint(f"least({', '.join(_KINDS)}) >= 0", name="ck_bulletin_counted"),
        sa.CheckConstraint(f"{' + '.join(_KINDS)} > 0", name="ck_bulletin_not_empty"),
    )
    op.create_index(
        "ix_resource_step_public",
        "resource_step",
        ["decided_at", "resource_id", "seq"],
        postgresql_where=sa.text("step IN ('publish', 'suspend', 'resume', 'withdraw')"),
    )
