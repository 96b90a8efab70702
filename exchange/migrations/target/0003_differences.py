"""Rows that a reconciliation found to differ."""

revision = "target_0003"
down_revision = "target_0002"


def upgrade() -> None:
    """Nothing yet."""
