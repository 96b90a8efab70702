"""Keys of the node over time."""

revision = "node_0004"
down_revision = "node_0003"


def upgrade() -> None:
    """Nothing yet."""
