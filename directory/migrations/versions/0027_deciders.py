"""Who decides on a request, as the office's rules; what stood when it was submitted; drafts can be discarded."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0031"

_OWN_STEP = (
    "(act, state, stage) IN (('created', 'draft', ''), ('amended', 'draft', ''), "
    "('submitted', 'submitted', 'acceptance'), ('discarded', 'discarded', ''))"
)


def upgrade() -> None:
    op.create_table(
        "decider_rule",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("provider_org", sa.String(32)),
        sa.Column("share_type", sa.Text, nullable=False),
        sa.Column("mount_kind", sa.Text, nullable=False),
        sa.Column("min_sensitivity", sa.Integer, nullable=False),
        sa.Column("deciders", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Uuid, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decider_rule"),
        sa.ForeignKeyConstraint(
            ["provider_org"], ["organisation.code"], name="fk_decider_rule_provider_org", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name="fk_decider_rule_entered_by"),
        sa.UniqueConstraint(
            "provider_org",
            "share_type",
            "mount_kind",
            "min_sensitivity",
            "effective_on",
            name="uq_decider_rule_place",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("deciders IN ('provider', 'provider,office', 'office,provider')", name="deciders"),
        sa.CheckConstraint("share_type IN ('', 'unconditional', 'conditional')", name="share_type"),
        sa.CheckConstraint("mount_kind IN ('', 'table', 'file', 'folder')", name="mount_kind"),
        sa.CheckConstraint("min_sensitivity BETWEEN 1 AND 4", name="min_sensitivity"),
        sa.CheckConstraint("basis <> ''", name="basis"),
    )
    op.add_column("request", sa.Column("office_first", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("request", sa.Column("decider_rule_id", sa.Uuid))
    op.create_foreign_key("fk_request_decider_rule_id", "request", "decider_rule", ["decider_rule_id"], ["id"])
    op.drop_constraint("ck_request_step_not_by_creator", "request_step")
    op.create_check_constraint(
        "ck_request_step_not_by_creator", "request_step", f"decided_by <> requested_by OR {_OWN_STEP}"
    )
