"""Limits that are shorter here than the regulation's; the holidays' names in Chinese."""

import sqlalchemy as sa
from alembic import op

from directory.clock.seed import NAMES, SOURCE

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "local_rule",
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("extension_days", sa.Integer, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Uuid, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "effective_on", name="pk_local_rule"),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name="fk_local_rule_entered_by"),
        sa.CheckConstraint("limit_days >= 1 AND extension_days >= 0", name="ck_local_rule_days"),
        sa.CheckConstraint("basis <> ''", name="ck_local_rule_basis"),
    )
    for english, chinese in NAMES.items():
        op.execute(sa.text("UPDATE calendar_day SET name = :zh WHERE name = :en").bindparams(zh=chinese, en=english))
    was = "UPDATE calendar_year SET source = :source WHERE source = 'chinesecalendar'"
    op.execute(sa.text(was).bindparams(source=SOURCE))
