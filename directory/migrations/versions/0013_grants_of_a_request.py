"""A request may have several grants: one for each of the tables that it takes items from."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_constraint("uq_grant_record_request_id", "grant_record")
    op.create_unique_constraint("uq_grant_record_request_id_route_id", "grant_record", ["request_id", "route_id"])
