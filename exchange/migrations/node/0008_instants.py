"""Which batches are of one instant: they are sealed, and take effect, together."""

from alembic import op

revision = "node_0008"
down_revision = "node_0007"

# At the consumer a member may be known before it has arrived, so no foreign key to batch.
_INSTANTS = """
CREATE TABLE instant (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    instant text NOT NULL,
    PRIMARY KEY (route_id, seq)
);
CREATE INDEX instant_members ON instant (instant);
"""


def upgrade() -> None:
    op.execute(_INSTANTS)
