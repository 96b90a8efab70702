"""Rules of reminding, and what was reminded of already."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"

_INSTANT = sa.DateTime(timezone=True)
_RULES = (
    ("half", "half", 0, "responsible"),
    ("before", "before", 1, "responsible"),
    ("due", "due", 0, "responsible"),
    ("overdue", "after", 1, "responsible"),
    ("overdue-asker", "after", 1, "asker"),
    ("overdue-head", "after", 3, "head"),
    ("expiring-30", "expiring", 30, "asker"),
    ("expiring-7", "expiring", 7, "asker"),
)


def upgrade() -> None:
    rules = op.create_table(
        "reminder_rule",
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("changed_by", sa.Uuid),
        sa.Column("changed_at", _INSTANT),
        sa.PrimaryKeyConstraint("rule_id", name="pk_reminder_rule"),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name="fk_reminder_rule_changed_by"),
        sa.CheckConstraint("moment IN ('half', 'before', 'due', 'after', 'expiring')", name="ck_reminder_rule_moment"),
        sa.CheckConstraint("audience IN ('responsible', 'head', 'asker')", name="ck_reminder_rule_audience"),
        sa.CheckConstraint("days BETWEEN 0 AND 90", name="ck_reminder_rule_days"),
    )
    names = ("rule_id", "moment", "days", "audience")
    op.bulk_insert(rules, [dict(zip(names, each, strict=True)) | {"is_on": True} for each in _RULES])
    op.create_table(
        "reminded",
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("about", "seq", "rule_id", "due_on", name="pk_reminded"),
        sa.ForeignKeyConstraint(["rule_id"], ["reminder_rule.rule_id"], name="fk_reminded_rule_id"),
    )
