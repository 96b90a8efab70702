"""Imports as things that are looked at, repaired, carried out and undone."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
