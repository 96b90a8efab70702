"""Sealed messages between the two ends of a route."""

revision = "relay_0003"
down_revision = "relay_0002"


def upgrade() -> None:
    """Nothing yet."""
