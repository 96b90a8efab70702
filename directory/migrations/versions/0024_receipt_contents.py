"""What a receipt says stands beside it, since it travels sealed; a grant beside its notice; when a node was revoked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("receipt", sa.Column("contents", postgresql.JSONB))
    op.add_column("feed_entry", sa.Column("whole", sa.LargeBinary))
    op.add_column("node", sa.Column("revoked_at", sa.DateTime(timezone=True)))
