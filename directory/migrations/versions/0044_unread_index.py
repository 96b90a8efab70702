"""An index of entries that no statement reads: the order by title is the search index's, or of a page's few rows."""

from alembic import op

revision = "0044"
down_revision = "0051"


def upgrade() -> None:
    op.drop_index("ix_resource_title", "resource")
