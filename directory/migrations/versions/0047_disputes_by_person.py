"""Who took a request further is found among the few disputes, not among all steps that a person took."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0045"


def upgrade() -> None:
    where = sa.text("act IN ('disputed', 'escalated')")
    op.create_index("ix_request_step_disputed", "request_step", ["decided_by", "request_id"], postgresql_where=where)
