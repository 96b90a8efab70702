"""The node's database: ledger, receipts, feed, countersignatures, audit queue."""

from alembic import op

revision = "node_0001"
down_revision = None

_LEDGER = """
CREATE SEQUENCE lease_epoch;
CREATE TABLE batch (
    route_id text NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    role text NOT NULL CHECK (role IN ('provider', 'consumer')),
    grant_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('due', 'sealed', 'stored', 'fetched', 'verified', 'staged', 'checked',
        'applied', 'closed', 'held', 'quarantined')),
    code text NOT NULL DEFAULT '',
    explanation_zh text NOT NULL DEFAULT '',
    next_step text NOT NULL DEFAULT '',
    held_from text NOT NULL DEFAULT '',
    lease_epoch bigint NOT NULL DEFAULT 0,
    leased_at timestamptz,
    run_id text NOT NULL DEFAULT '',
    due_on date NOT NULL,
    replaces_seq bigint,
    replaced_by_seq bigint,
    previous_digest text NOT NULL DEFAULT '',
    manifest bytea NOT NULL DEFAULT '',
    digest text NOT NULL DEFAULT '',
    size_bytes bigint,
    plain_bytes bigint,
    rows bigint,
    changed_rows bigint,
    set_aside bigint,
    checks_run integer,
    checks_passed integer,
    report bytea NOT NULL DEFAULT '',
    duration_ms bigint NOT NULL DEFAULT 0,
    sealed_at timestamptz,
    changes bigint NOT NULL DEFAULT 1,
    reported_changes bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, seq),
    CHECK ((state IN ('held', 'quarantined')) <= (code <> ''))
);
-- A route has one batch under way at its provider: the next is planned when this one is closed or replaced.
CREATE UNIQUE INDEX batch_one_under_way ON batch (route_id)
    WHERE role = 'provider' AND state <> 'closed' AND replaced_by_seq IS NULL;
CREATE INDEX batch_open ON batch (state) WHERE state <> 'closed';
CREATE INDEX batch_unreported ON batch (route_id) WHERE changes > reported_changes;
CREATE TABLE receipt (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stored', 'verified', 'checked', 'applied', 'refused')),
    body bytea NOT NULL,
    is_own boolean NOT NULL,
    created_at timestamptz NOT NULL,
    relayed_at timestamptz,
    reported_at timestamptz,
    PRIMARY KEY (route_id, seq, kind),
    FOREIGN KEY (route_id, seq) REFERENCES batch
);
CREATE TABLE countersignature (
    grant_id text PRIMARY KEY,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
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
    op.execute(_LEDGER)
    op.execute(_FEED_AND_AUDIT)
