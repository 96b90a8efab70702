"""The relay's copy of the feed never has what only the addressee of an entry is given."""

from alembic import op

revision = "relay_0005"
down_revision = "relay_0004"

_BLIND = "ALTER TABLE feed_entry ADD COLUMN whole bytea CHECK (whole IS NULL)"


def upgrade() -> None:
    op.execute(_BLIND)
