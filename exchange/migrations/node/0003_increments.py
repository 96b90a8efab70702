"""What increments build on: the source's snapshot at the last batch of a route."""

revision = "node_0003"
down_revision = "node_0002"


def upgrade() -> None:
    """Nothing yet."""
