"""What somebody has chosen to request together, and what they typed for it so far."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cart_item",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "resource_id", name="pk_cart_item"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_cart_item_account_id"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_cart_item_resource_id"),
    )
    op.create_table(
        "cart_form",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("typed", JSONB, nullable=False),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_cart_form"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_cart_form_account_id"),
    )
