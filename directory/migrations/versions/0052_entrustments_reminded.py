"""An entrustment whose last day is near, or is over and not ended, is reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0046"

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
    "entrustment",
)
_RULES = (
    ("entrustment-before", "before", 10, "responsible"),
    ("entrustment-overdue", "after", 1, "responsible"),
    ("entrustment-overdue-head", "after", 5, "head"),
)


def upgrade() -> None:
    op.drop_constraint("ck_reminder_rule_subject", "reminder_rule")
    subjects = ", ".join(f"'{each}'" for each in _SUBJECTS)
    op.create_check_constraint("ck_reminder_rule_subject", "reminder_rule", f"subject IN ({subjects})")
    names = ("rule_id", "moment", "days", "audience")
    rules = sa.table("reminder_rule", *map(sa.column, (*names, "subject", "is_on")))
    given = {"subject": "entrustment", "is_on": True}
    op.bulk_insert(rules, [dict(zip(names, each, strict=True)) | given for each in _RULES])
