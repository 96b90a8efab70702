"""Two announcements of one place, both signed by the provider: proof that its node exists twice."""

from alembic import op

revision = "relay_0004"
down_revision = "relay_0003"

_FORK = """
CREATE TABLE fork (
    route_id text NOT NULL,
    key_id text NOT NULL,
    seq bigint NOT NULL,
    manifest bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, key_id)
);
"""


def upgrade() -> None:
    op.execute(_FORK)
