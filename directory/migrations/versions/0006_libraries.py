"""The registers of the base libraries, probes of mounts."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
