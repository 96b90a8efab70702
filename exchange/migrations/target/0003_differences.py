"""Rows that a reconciliation found to differ."""

from alembic import op

revision = "target_0003"
down_revision = "target_0002"

# A department's own list, beside its own rows: keys, and how each differs. It never travels.
_DIFFERENCES = """
CREATE TABLE hutong.difference (
    route_id text NOT NULL,
    session_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('missing', 'extra', 'different', 'pending')),
    row_key jsonb,
    rows bigint NOT NULL CHECK (rows >= 1)
);
CREATE INDEX difference_route ON hutong.difference (route_id);
"""


def upgrade() -> None:
    op.execute(_DIFFERENCES)
