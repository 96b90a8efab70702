"""Rules of reminding for whatever has a term or waits, and indexes of who took which step."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

_SUBJECTS = (
    "request",
    "supplement",
    "use_record",
    "rectification",
    "matter",
    "matter_waiting",
    "service",
    "responsibility",
    "demand",
)
_RULES = (
    ("supplement-waiting", "supplement", "waiting", 5, "responsible"),
    ("supplement-waiting-head", "supplement", "waiting", 10, "head"),
    ("use-record-before", "use_record", "before", 3, "responsible"),
    ("use-record-overdue", "use_record", "after", 1, "responsible"),
    ("use-record-overdue-head", "use_record", "after", 5, "head"),
    ("rectification-before", "rectification", "before", 1, "responsible"),
    ("rectification-overdue", "rectification", "after", 1, "responsible"),
    ("rectification-overdue-head", "rectification", "after", 3, "head"),
    ("matter-half", "matter", "half", 0, "responsible"),
    ("matter-before", "matter", "before", 1, "responsible"),
    ("matter-due", "matter", "due", 0, "responsible"),
    ("matter-overdue", "matter", "after", 1, "responsible"),
    ("matter-overdue-asker", "matter", "after", 1, "asker"),
    ("matter-overdue-head", "matter", "after", 3, "head"),
    ("matter-waiting", "matter_waiting", "waiting", 5, "responsible"),
    ("matter-waiting-head", "matter_waiting", "waiting", 10, "head"),
    ("service-before", "service", "before", 3, "responsible"),
    ("service-due", "service", "due", 0, "responsible"),
    ("responsibility-before", "responsibility", "before", 5, "responsible"),
    ("responsibility-overdue", "responsibility", "after", 1, "responsible"),
    ("responsibility-overdue-head", "responsibility", "after", 5, "head"),
    ("demand-waiting", "demand", "waiting", 5, "responsible"),
    ("demand-waiting-head", "demand", "waiting", 10, "head"),
)


def upgrade() -> None:
    op.add_column("reminder_rule", sa.Column("subject", sa.Text, nullable=False, server_default="request"))
    op.alter_column("reminder_rule", "subject", server_default=None)
    subjects = ", ".join(f"'{each}'" for each in _SUBJECTS)
    op.create_check_constraint("ck_reminder_rule_subject", "reminder_rule", f"subject IN ({subjects})")
    op.drop_constraint("ck_reminder_rule_moment", "reminder_rule")
    moments = "'half', 'before', 'due', 'after', 'expiring', 'waiting'"
    op.create_check_constraint("ck_reminder_rule_moment", "reminder_rule", f"moment IN ({moments})")
    names = ("rule_id", "subject", "moment", "days", "audience")
    rules = sa.table("reminder_rule", *map(sa.column, (*names, "is_on")))
    op.bulk_insert(rules, [dict(zip(names, each, strict=True)) | {"is_on": True} for each in _RULES])
    op.create_index("ix_resource_step_decided_by", "resource_step", ["decided_by", "decided_at"])
    op.create_index("ix_matter_step_decided_by", "matter_step", ["decided_by", "decided_at"])
