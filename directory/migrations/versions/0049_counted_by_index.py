"""What a list is counted by stands in its index: the numbers over a worklist read no row."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0043"

_SEEN_BY = ["provider_org", "requester_org", "first_submitted_at"]
_DECIDED_BY = ["created_by", "handled_by"]
_PLACE = ["state", "stage", "due_on", "id"]
_WIDER = (
    ("request", "state_stage_due_on_id", _PLACE, _DECIDED_BY),
    ("request", "provider_org_state_stage_due_on_id", ["provider_org", *_PLACE], _DECIDED_BY),
    ("request", "requester_org_state_stage_due_on_id", ["requester_org", *_PLACE], _DECIDED_BY),
    ("request", "created_by_created_at_id", ["created_by", "created_at", "id"], ["due_on", *_SEEN_BY]),
    ("request", "due_on_id", ["due_on", "id"], ["created_by", *_SEEN_BY]),
)


def upgrade() -> None:
    for table, name, columns, more in _WIDER:
        op.drop_index(f"ix_{table}_{name}", table)
        op.create_index(f"ix_{table}_{name}", table, columns, postgresql_include=more)
    op.drop_index("ix_request_step_dealt", "request_step")
    op.create_index(
        "ix_request_step_dealt",
        "request_step",
        ["decided_by", "decided_at", "request_id"],
        postgresql_include=["requested_by", "state"],
        postgresql_where=sa.text("act NOT IN ('created', 'amended', 'submitted')"),
    )
    op.create_index(
        "ix_request_arrived", "request", ["requester_org"], postgresql_where=sa.text("arrived_at IS NOT NULL")
    )
