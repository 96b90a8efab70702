"""Reconciliations of a route."""

revision = "node_0006"
down_revision = "node_0005"


def upgrade() -> None:
    """Nothing yet."""
