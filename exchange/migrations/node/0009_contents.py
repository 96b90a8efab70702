"""What a receipt says is kept beside it, since it travels sealed; a grant beside its notice; who countersigned."""

from alembic import op

revision = "node_0009"
down_revision = "node_0008"

_CONTENTS = """
ALTER TABLE receipt ADD COLUMN contents bytea;
ALTER TABLE feed_entry ADD COLUMN whole bytea;
ALTER TABLE countersignature ADD COLUMN confirmed_by text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(_CONTENTS)
