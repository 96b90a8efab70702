"""Work orders carried out."""

revision = "node_0005"
down_revision = "node_0004"


def upgrade() -> None:
    """Nothing yet."""
