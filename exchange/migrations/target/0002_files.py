"""Received files, beside received tables."""

from alembic import op

revision = "target_0002"
down_revision = "target_0001"

# Which batch's files the name ``target`` in the node's received folder stands for, and the digest of their index.
_FOLDERS = """
CREATE TABLE hutong.received_folder (
    route_id text PRIMARY KEY,
    target text NOT NULL UNIQUE,
    seq bigint NOT NULL,
    files bigint NOT NULL,
    total_bytes bigint NOT NULL,
    index_digest text NOT NULL
);
"""


def upgrade() -> None:
    op.execute(_FOLDERS)
