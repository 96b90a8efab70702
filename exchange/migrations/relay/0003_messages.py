"""Sealed messages between the two ends of a route."""

from alembic import op

revision = "relay_0003"
down_revision = "relay_0002"

_MESSAGES = """
CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    route_id text NOT NULL,
    session_id text NOT NULL,
    number integer NOT NULL,
    from_node_id text NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (route_id, session_id, number, from_node_id)
);
CREATE INDEX message_route ON message (route_id, id);
"""


def upgrade() -> None:
    op.execute(_MESSAGES)
