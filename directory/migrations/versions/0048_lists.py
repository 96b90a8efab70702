"""Indexes for the worklist and for supervision: a page costs the page, however many requests are in flight."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0033"

_REPLACED = ("created_by", "due_on", "provider_org", "requester_org", "state")


def upgrade() -> None:
    where = ("state", "stage", "due_on", "id")
    op.create_index("ix_request_state_stage_due_on_id", "request", where, postgresql_include=["created_by"])
    for org in ("provider_org", "requester_org"):
        op.create_index(f"ix_request_{org}_state_stage_due_on_id", "request", [org, *where])
    op.create_index("ix_request_created_by_created_at_id", "request", ["created_by", "created_at", "id"])
    op.create_index("ix_request_due_on_id", "request", ["due_on", "id"])
    op.create_index(
        "ix_request_running",
        "request",
        ["provider_org", "due_on", "id"],
        postgresql_include=["counted_from", "limit_days"],
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
    for column in _REPLACED:
        op.drop_index(f"ix_request_{column}", "request")
    op.create_index(
        "ix_request_step_dealt",
        "request_step",
        ["decided_by", "decided_at", "request_id"],
        postgresql_where=sa.text("act NOT IN ('created', 'amended', 'submitted')"),
    )
    op.create_index(
        "ix_request_clock_ended",
        "request_clock",
        ["stopped_at"],
        postgresql_include=["request_id", "due_on"],
        postgresql_where=sa.text("outcome IN ('answered', 'provided')"),
    )
