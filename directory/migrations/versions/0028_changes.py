"""Uses that take another's place, changes and endings of services, changed items in use, filters and caps offered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0025"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "request_change",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint("reason <> ''", name="ck_request_change_reason"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_request_change_request_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_change"),
    )
    op.create_table(
        "service_notice",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.Column("takes_effect_on", sa.Date, nullable=False),
        sa.Column("announced_by", sa.Uuid, nullable=False),
        sa.Column("announced_at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('change', 'end')", name="ck_service_notice_kind"),
        sa.CheckConstraint("words <> ''", name="ck_service_notice_words"),
        sa.CheckConstraint("answer_by <= takes_effect_on", name="ck_service_notice_days"),
        sa.ForeignKeyConstraint(["announced_by"], ["account.id"], name="fk_service_notice_announced_by"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_service_notice_resource_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service_notice"),
        sa.UniqueConstraint("id", "announced_by", name="uq_service_notice_id_announced_by"),
    )
    op.create_index("ix_service_notice_resource_id", "service_notice", ["resource_id"])
    op.create_table(
        "service_party",
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["service_notice.id"], name="fk_service_party_notice_id"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_service_party_request_id"),
        sa.PrimaryKeyConstraint("notice_id", "request_id", name="pk_service_party"),
    )
    op.create_index("ix_service_party_request_id", "service_party", ["request_id"])
    op.create_table(
        "service_step",
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("announced_by", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_by", sa.Uuid, nullable=False),
        sa.Column("said_by_name", sa.Text, nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.CheckConstraint("(request_id IS NOT NULL) = (act IN ('agreed', 'objected'))", name="ck_service_step_whose"),
        sa.CheckConstraint("act <> 'filed' OR said_by <> announced_by", name="ck_service_step_no_self_approval"),
        sa.CheckConstraint(
            "act IN ('agreed', 'objected', 'answered', 'filed', 'withdrawn')", name="ck_service_step_act"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id", "announced_by"],
            ["service_notice.id", "service_notice.announced_by"],
            name="fk_service_step_notice",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id", "request_id"],
            ["service_party.notice_id", "service_party.request_id"],
            name="fk_service_step_party",
        ),
        sa.ForeignKeyConstraint(["said_by"], ["account.id"], name="fk_service_step_said_by"),
        sa.PrimaryKeyConstraint("notice_id", "seq", name="pk_service_step"),
    )
    op.create_index(
        "uq_service_step_end",
        "service_step",
        ["notice_id"],
        unique=True,
        postgresql_where=sa.text("act IN ('filed', 'withdrawn')"),
    )
    op.create_table(
        "item_change",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("from_version", sa.Integer, nullable=False),
        sa.Column("lines", postgresql.JSONB, nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("noted_by", sa.Uuid),
        sa.Column("noted_by_name", sa.Text),
        sa.Column("noted_at", _INSTANT),
        sa.CheckConstraint("num_nonnulls(noted_by, noted_by_name, noted_at) IN (0, 3)", name="ck_item_change_noted"),
        sa.ForeignKeyConstraint(["noted_by"], ["account.id"], name="fk_item_change_noted_by"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_item_change_request_id"),
        sa.PrimaryKeyConstraint("request_id", "version", name="pk_item_change"),
    )
    op.create_table(
        "filter_offer",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("is_own_region", sa.Boolean, nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("declared_by", sa.Uuid, nullable=False),
        sa.Column("declared_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.Uuid),
        sa.Column("withdrawn_at", _INSTANT),
        sa.CheckConstraint("NOT is_own_region OR template = 'region'", name="ck_filter_offer_own_region"),
        sa.CheckConstraint("template IN ('region', 'equals')", name="ck_filter_offer_template"),
        sa.CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="ck_filter_offer_withdrawn"),
        sa.ForeignKeyConstraint(["declared_by"], ["account.id"], name="fk_filter_offer_declared_by"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_filter_offer_resource_id"),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["account.id"], name="fk_filter_offer_withdrawn_by"),
        sa.PrimaryKeyConstraint("id", name="pk_filter_offer"),
    )
    op.create_index(
        "uq_filter_offer_standing",
        "filter_offer",
        ["resource_id", "field", "template"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "use_cap",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("most_often", sa.Text, nullable=False),
        sa.Column("most_days", sa.Integer),
        sa.Column("declared_by", sa.Uuid, nullable=False),
        sa.Column("declared_at", _INSTANT, nullable=False),
        sa.CheckConstraint("most_often IN ('', 'once', 'monthly', 'weekly', 'daily')", name="ck_use_cap_most_often"),
        sa.CheckConstraint("most_days BETWEEN 1 AND 36500", name="ck_use_cap_most_days"),
        sa.ForeignKeyConstraint(["declared_by"], ["account.id"], name="fk_use_cap_declared_by"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_use_cap_resource_id"),
        sa.PrimaryKeyConstraint("resource_id", "seq", name="pk_use_cap"),
    )
    op.drop_constraint("ck_request_step_what_nodes_do", "request_step")
    op.create_check_constraint(
        "ck_request_step_what_nodes_do",
        "request_step",
        "decided_by IS NOT NULL OR (act = state AND state IN ('provisioned', 'active', 'expired', 'replaced'))",
    )
