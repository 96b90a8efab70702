"""How long the relay keeps what, and which signatures it has seen."""

revision = "relay_0002"
down_revision = "relay_0001"


def upgrade() -> None:
    """Nothing yet."""
