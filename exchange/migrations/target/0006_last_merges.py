"""What the last merge of each route did, so that it can be judged, and taken back."""

from alembic import op

revision = "target_0006"
down_revision = "target_0005"

# ``rows`` and ``nulls`` (by column) are what the table held after it, or after it was taken back; ``column_numbers``
# are PostgreSQL's: a column dropped and put back has another. ``is_first``: it made the table. ``is_kept``: rows as
# they were before it are in hutong.before_<route>, the keys it brought in hutong.added_<route>. Once it is taken back
# (``undone_at``) nothing is applied on the route until ``resumed_at``.
_LAST_MERGES = """
CREATE TABLE hutong.last_merge (
    route_id text PRIMARY KEY,
    seq bigint NOT NULL,
    rows bigint NOT NULL,
    nulls jsonb NOT NULL,
    column_numbers jsonb NOT NULL,
    is_first boolean NOT NULL,
    is_kept boolean NOT NULL,
    undone_at timestamptz,
    undone_by text,
    resumed_at timestamptz
);
"""


def upgrade() -> None:
    op.execute(_LAST_MERGES)
