"""Reconciliations of a route."""

from alembic import op

revision = "node_0006"
down_revision = "node_0005"

# secret: the session's key and, at the provider, the key that answers are sealed to; emptied when the session ends.
_RECONCILIATIONS = """
CREATE TABLE reconciliation (
    session_id text PRIMARY KEY,
    route_id text NOT NULL,
    role text NOT NULL CHECK (role IN ('provider', 'consumer')),
    grant_id text NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    state text NOT NULL,
    code text NOT NULL DEFAULT '',
    secret bytea NOT NULL,
    work bytea NOT NULL,
    result bytea,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    reported_at timestamptz
);
CREATE INDEX reconciliation_route ON reconciliation (route_id, created_at);
CREATE TABLE reconciliation_message (
    session_id text NOT NULL REFERENCES reconciliation,
    number integer NOT NULL CHECK (number >= 1),
    body bytea NOT NULL,
    relayed_at timestamptz,
    PRIMARY KEY (session_id, number)
);
CREATE TABLE message_cursor (
    route_id text PRIMARY KEY,
    after bigint NOT NULL
);
"""


def upgrade() -> None:
    op.execute(_RECONCILIATIONS)
