"""Work orders carried out."""

from alembic import op

revision = "node_0005"
down_revision = "node_0004"

_ORDERS = """
CREATE TABLE work_order (
    order_id text PRIMARY KEY,
    action text NOT NULL,
    taken_at timestamptz NOT NULL,
    outcome text,
    code text,
    result bytea,
    sent_at timestamptz,
    CHECK ((outcome IS NULL) = (result IS NULL))
);
CREATE INDEX work_order_unsent ON work_order (taken_at) WHERE sent_at IS NULL;
"""


def upgrade() -> None:
    op.execute(_ORDERS)
