"""What increments build on: the source's snapshot at the last batch of a route, and what a person let through."""

from alembic import op

revision = "node_0003"
down_revision = "node_0002"

_STATE = """
ALTER TABLE batch ADD COLUMN kind text NOT NULL DEFAULT 'full' CHECK (kind IN ('full', 'increment', 'changes'));
ALTER TABLE batch ADD COLUMN target_rows bigint;
CREATE TABLE source_state (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    snapshot text NOT NULL,
    identity text NOT NULL,
    triggers text NOT NULL,
    scope text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    is_key_unique boolean NOT NULL,
    rows bigint NOT NULL,
    since_full integer NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq),
    FOREIGN KEY (route_id, seq) REFERENCES batch
);
-- What a person has said of one batch: let it go although it deletes much, seal it in full.
CREATE TABLE allowance (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    code text NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq, code),
    FOREIGN KEY (route_id, seq) REFERENCES batch
);
"""


def upgrade() -> None:
    op.execute(_STATE)
