"""需求, 责任 and 负面 lists, checks of planned forms, and the statistics of months that are over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0024"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _demands()
    _responsibilities()
    _negatives()
    op.create_table(
        "collection_check",
        sa.Column("id", sa.Uuid, nullable=False),
        _org(),
        sa.Column("title", sa.String(200), nullable=False),
        _words("purpose"),
        sa.Column("field_count", sa.Integer, nullable=False),
        sa.Column("held_count", sa.Integer, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collection_check"),
        _fk("collection_check", "made_by", "account.id"),
        _of_org("collection_check"),
    )
    op.create_index("ix_collection_check_org_code", "collection_check", ["org_code"])
    op.create_table(
        "statistics_month",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("org_name", sa.String(200), nullable=False),
        sa.Column("numbers", JSONB, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("month", "org_code", name="pk_statistics_month"),
        sa.CheckConstraint("extract(day FROM month) = 1", name="ck_statistics_month_month"),
    )


def _demands() -> None:
    op.create_table(
        "demand",
        sa.Column("id", sa.Uuid, nullable=False),
        _org(),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("law_title", sa.String(200), nullable=False),
        sa.Column("law_article", sa.String(100), nullable=False, server_default=""),
        sa.Column("needed_by", sa.Date, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.Uuid),
        sa.Column("withdrawn_at", _INSTANT),
        _words("withdraw_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_demand"),
        _fk("demand", "created_by", "account.id"),
        _fk("demand", "withdrawn_by", "account.id"),
        _of_org("demand"),
        sa.CheckConstraint("btrim(law_title) <> ''", name="ck_demand_law"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="ck_demand_withdrawn"),
    )
    op.create_index("ix_demand_org_code", "demand", ["org_code"])
    op.create_table(
        "demand_item",
        sa.Column("demand_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(200), nullable=False),
        _words("description"),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("item_field", sa.String(63), nullable=False, server_default=""),
        sa.Column("score", sa.Integer, nullable=False, server_default="0"),
        _words("reason"),
        sa.Column("chosen_by", sa.Uuid),
        sa.Column("chosen_at", _INSTANT),
        sa.Column("request_id", sa.Uuid),
        sa.Column("satisfied_by", sa.Uuid),
        sa.Column("satisfied_at", _INSTANT),
        sa.PrimaryKeyConstraint("demand_id", "number", name="pk_demand_item"),
        _fk("demand_item", "demand_id", "demand.id"),
        _fk("demand_item", "resource_id", "resource.id"),
        _fk("demand_item", "chosen_by", "account.id"),
        _fk("demand_item", "request_id", "request.id"),
        _fk("demand_item", "satisfied_by", "account.id"),
        sa.CheckConstraint(
            "num_nonnulls(resource_id, chosen_by, chosen_at) IN (0, 3)",
            name="ck_demand_item_chosen",
        ),
        sa.CheckConstraint("request_id IS NULL OR resource_id IS NOT NULL", name="ck_demand_item_requested"),
        sa.CheckConstraint("(satisfied_at IS NULL) = (satisfied_by IS NULL)", name="ck_demand_item_satisfied"),
    )
    for column in ("resource_id", "request_id"):
        op.create_index(f"ix_demand_item_{column}", "demand_item", [column])


def _responsibilities() -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", sa.Uuid, nullable=False),
        _org(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("basis", sa.String(300), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("demand_id", sa.Uuid),
        sa.Column("demand_number", sa.Integer),
        sa.Column("assigned_by", sa.Uuid, nullable=False),
        sa.Column("assigned_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("step_seq", sa.Integer, nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_responsibility"),
        sa.UniqueConstraint("id", "assigned_by", name="uq_responsibility_id_assigned_by"),
        _fk("responsibility", "assigned_by", "account.id"),
        _fk("responsibility", "resource_id", "resource.id"),
        _of_org("responsibility"),
        sa.ForeignKeyConstraint(
            ["demand_id", "demand_number"],
            ["demand_item.demand_id", "demand_item.number"],
            name="fk_responsibility_item",
        ),
        sa.CheckConstraint("(demand_id IS NULL) = (demand_number IS NULL)", name="ck_responsibility_demand"),
        sa.CheckConstraint("(state = 'catalogued') = (resource_id IS NOT NULL)", name="ck_responsibility_catalogued"),
    )
    for column in ("org_code", "demand_id", "state", "resource_id"):
        op.create_index(f"ix_responsibility_{column}", "responsibility", [column])
    op.create_table(
        "responsibility_step",
        sa.Column("responsibility_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _words("reason"),
        sa.Column("assigned_by", sa.Uuid, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("responsibility_id", "seq", name="pk_responsibility_step"),
        sa.UniqueConstraint("responsibility_id", "seq", "state", name="uq_responsibility_step_outcome"),
        _fk("responsibility_step", "decided_by", "account.id"),
        sa.ForeignKeyConstraint(
            ["responsibility_id", "assigned_by"],
            ["responsibility.id", "responsibility.assigned_by"],
            name="fk_responsibility_step_assigner",
        ),
        sa.CheckConstraint(
            "decided_by <> assigned_by OR act IN ('assigned', 'withdrawn')",
            name="ck_responsibility_step_not_by_assigner",
        ),
        sa.CheckConstraint(
            "act NOT IN ('refused', 'withdrawn', 'upheld') OR reason <> ''", name="ck_responsibility_step_reason"
        ),
    )
    op.create_foreign_key(
        "fk_responsibility_last_step",
        "responsibility",
        "responsibility_step",
        ["id", "step_seq", "state"],
        ["responsibility_id", "seq", "state"],
        deferrable=True,
        initially="DEFERRED",
    )


def _negatives() -> None:
    op.create_table(
        "negative_entry",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("org_code", sa.String(32)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("covers", sa.String(10), nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("law_title", sa.String(200), nullable=False),
        sa.Column("law_article", sa.String(100), nullable=False),
        _words("reason"),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("proposed_by", sa.Uuid, nullable=False),
        sa.Column("proposed_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", _INSTANT),
        _words("decision_words"),
        sa.Column("ended_by", sa.Uuid),
        sa.Column("ended_at", _INSTANT),
        _words("end_words"),
        sa.PrimaryKeyConstraint("id", name="pk_negative_entry"),
        *(_fk("negative_entry", each, "account.id") for each in ("proposed_by", "decided_by", "ended_by")),
        _fk("negative_entry", "resource_id", "resource.id"),
        _of_org("negative_entry"),
        sa.CheckConstraint("covers IN ('share', 'open', 'both')", name="ck_negative_entry_covers"),
        sa.CheckConstraint("state IN ('proposed', 'listed', 'declined', 'removed')", name="ck_negative_entry_state"),
        sa.CheckConstraint("btrim(law_title) <> '' AND btrim(law_article) <> ''", name="ck_negative_entry_law"),
        sa.CheckConstraint("until >= since", name="ck_negative_entry_days"),
        sa.CheckConstraint("resource_id IS NOT NULL OR jsonb_array_length(items) > 0", name="ck_negative_entry_what"),
        sa.CheckConstraint("(decided_by IS NULL) = (state = 'proposed')", name="ck_negative_entry_decided"),
        sa.CheckConstraint("decided_by <> proposed_by", name="ck_negative_entry_no_self_approval"),
        sa.CheckConstraint("(ended_by IS NOT NULL) = (state = 'removed')", name="ck_negative_entry_ended"),
    )
    for column in ("org_code", "resource_id", "state"):
        op.create_index(f"ix_negative_entry_{column}", "negative_entry", [column])


def _org() -> sa.Column[str]:
    return sa.Column("org_code", sa.String(32), nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _of_org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name=f"fk_{table}_org_code", onupdate="CASCADE")
