"""Keys of nodes over time."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""
