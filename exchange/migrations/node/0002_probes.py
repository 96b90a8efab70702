"""What the node remembers of each mount between two probes."""

from alembic import op

revision = "node_0002"
down_revision = "node_0001"

_STATE = """
CREATE TABLE mount_state (
    resource_id uuid NOT NULL,
    mount_id text NOT NULL,
    counter bigint,
    changed_at timestamptz,
    changed_by text,
    probed_at timestamptz NOT NULL,
    PRIMARY KEY (resource_id, mount_id)
)
"""


def upgrade() -> None:
    op.execute(_STATE)
