"""What an entry's life needs besides: returns by field, templates, changes of law or duty."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass
