"""How long the relay keeps what, and which signatures it has seen."""

from alembic import op

revision = "relay_0002"
down_revision = "relay_0001"

_KEEPING = """
ALTER TABLE object ADD COLUMN touched_at timestamptz;
UPDATE object SET touched_at = created_at;
ALTER TABLE object ALTER COLUMN touched_at SET NOT NULL;
ALTER TABLE batch ADD COLUMN swept_at timestamptz;
"""
_NONCE = """
CREATE TABLE nonce (
    node_id text NOT NULL,
    nonce text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (node_id, nonce)
);
CREATE INDEX nonce_expires ON nonce (expires_at);
"""


def upgrade() -> None:
    op.execute(_NONCE)
    op.execute(_KEEPING)
