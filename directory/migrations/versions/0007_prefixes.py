"""The register of prefixes (前段码) and the class codes."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
