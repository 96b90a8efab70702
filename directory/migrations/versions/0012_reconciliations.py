"""What the two ends of a route found when they compared."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing yet."""
