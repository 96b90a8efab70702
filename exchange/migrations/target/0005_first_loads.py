"""Which transaction wrote the rows of a first load."""

from alembic import op

revision = "target_0005"
down_revision = "target_0004"

# A first load is staged in one transaction and becomes the table in another, which writes the mark but no row: by this
# a reconciliation still tells rows that the exchange has written from those of others.
_FIRST_LOADS = """
CREATE TABLE hutong.first_load (
    route_id text NOT NULL,
    seq bigint NOT NULL,
    written_by text NOT NULL,
    PRIMARY KEY (route_id, seq)
);
"""


def upgrade() -> None:
    op.execute(_FIRST_LOADS)
