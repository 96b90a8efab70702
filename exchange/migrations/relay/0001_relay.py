"""The relay's database: which objects there are, what was announced, receipts; digests and sizes, never content."""

from alembic import op

revision = "relay_0001"
down_revision = None

_RELAY = """
CREATE TABLE object (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 1),
    uploaded_by text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE batch (
    route_id text NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    digest text NOT NULL UNIQUE,
    manifest bytea NOT NULL,
    stored bytea NOT NULL,
    announced_by text NOT NULL,
    announced_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq)
);
CREATE TABLE segment (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    number integer NOT NULL,
    digest text NOT NULL REFERENCES object,
    PRIMARY KEY (route_id, seq, number),
    FOREIGN KEY (route_id, seq) REFERENCES batch
);
CREATE INDEX segment_digest ON segment (digest, route_id);
CREATE TABLE receipt (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('verified', 'checked', 'applied', 'refused')),
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq, kind)
);
"""
_FEED_AND_AUDIT = """
CREATE TABLE feed_entry (
    seq bigint PRIMARY KEY CHECK (seq >= 1),
    body bytea NOT NULL
);
CREATE TABLE feed_head (
    id integer PRIMARY KEY CHECK (id = 1),
    body bytea NOT NULL
);
CREATE TABLE audit_out (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    shipped_at timestamptz
);
CREATE INDEX audit_unshipped ON audit_out (id) WHERE shipped_at IS NULL;
"""


def upgrade() -> None:
    op.execute(_RELAY)
    op.execute(_FEED_AND_AUDIT)
