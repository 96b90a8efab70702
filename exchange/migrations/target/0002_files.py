"""Received files, beside received tables."""

revision = "target_0002"
down_revision = "target_0001"


def upgrade() -> None:
    """Nothing yet."""
