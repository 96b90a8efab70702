"""A department's database: the marks by which the target decides, the staging schema, and where received tables
live.
"""

from alembic import op

revision = "target_0001"
down_revision = None

_MARKS = """
CREATE SCHEMA IF NOT EXISTS hutong_stage;
CREATE SCHEMA IF NOT EXISTS shared;
REVOKE ALL ON SCHEMA hutong, hutong_stage FROM PUBLIC;
CREATE TABLE hutong.route_head (
    route_id text PRIMARY KEY,
    seq bigint NOT NULL DEFAULT 0,
    lease_epoch bigint NOT NULL DEFAULT 0,
    target_table text UNIQUE
);
CREATE TABLE hutong.applied_batch (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    digest text NOT NULL,
    grant_id text NOT NULL,
    rows bigint NOT NULL,
    changed_rows bigint NOT NULL,
    lease_epoch bigint NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq)
);
CREATE TABLE hutong.audit_out (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    shipped_at timestamptz
);
CREATE INDEX audit_unshipped ON hutong.audit_out (id) WHERE shipped_at IS NULL;
-- The provider's own list of rows that stayed behind, beside the source they stand in: keys, and the rules broken.
CREATE TABLE hutong.set_aside (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    row_key jsonb NOT NULL,
    rule_ids text[] NOT NULL
);
CREATE INDEX set_aside_batch ON hutong.set_aside (route_id, seq);
"""


def upgrade() -> None:
    op.execute(_MARKS)
