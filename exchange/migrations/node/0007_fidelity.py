"""Fidelity certificates: one for each route, resource version and schema."""

from alembic import op

revision = "node_0007"
down_revision = "node_0006"

_CERTIFICATES = """
CREATE TABLE fidelity (
    route_id text NOT NULL,
    resource_version bigint NOT NULL CHECK (resource_version >= 1),
    schema_digest text NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (route_id, resource_version, schema_digest)
);
"""


def upgrade() -> None:
    op.execute(_CERTIFICATES)
