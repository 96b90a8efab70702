"""Beside a source: which sealed batch saw it last, and from where on the change tables are whole."""

from alembic import op

revision = "target_0004"
down_revision = "target_0003"

_SOURCES = """
-- Written when a batch is sealed. A database restored from before that does not have it, whatever its counters say.
CREATE TABLE hutong.source_mark (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (route_id, seq)
);
-- Entries of transactions from this one on have not been pruned from the table's change table.
CREATE TABLE hutong.change_horizon (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    kept_from xid8 NOT NULL,
    PRIMARY KEY (schema_name, table_name)
);
"""


def upgrade() -> None:
    op.execute(_SOURCES)
