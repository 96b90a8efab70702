"""Supplement notices item by item, items a reply leaves out, standing consents, disposal; steps of the calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name, columns in (
        (
            "request_supplement",
            (sa.Column("part", sa.Text, nullable=False), sa.Column("version", sa.Integer, nullable=False)),
        ),
        (
            "request_item_refusal",
            (sa.Column("item", sa.Text, nullable=False), sa.Column("reason", sa.Text, nullable=False)),
        ),
    ):
        op.create_table(
            name,
            sa.Column("request_id", sa.Uuid, nullable=False),
            sa.Column("step_seq", sa.Integer, nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("request_id", "step_seq", columns[0].name, name=f"pk_{name}"),
            sa.ForeignKeyConstraint(
                ["request_id", "step_seq"], ["request_step.request_id", "request_step.seq"], name=f"fk_{name}_step"
            ),
        )
    op.create_check_constraint("ck_request_item_refusal_reason", "request_item_refusal", "reason <> ''")
    op.create_table(
        "standing_consent",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("resource_version", sa.Integer, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("signed_by", sa.Uuid, nullable=False),
        sa.Column("signer_name", sa.Text, nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sa.Column("revoked_by", sa.Uuid),
        sa.Column("revoked_at", _INSTANT),
        sa.Column("revoke_words", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_standing_consent"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_standing_consent_resource_id"),
        sa.ForeignKeyConstraint(
            ["org_code"], ["organisation.code"], name="fk_standing_consent_org_code", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["account.id"], name="fk_standing_consent_signed_by"),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name="fk_standing_consent_revoked_by"),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_words IS NULL)",
            name="ck_standing_consent_revoked",
        ),
    )
    op.create_index(
        "uq_standing_consent_standing",
        "standing_consent",
        ["resource_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_standing_consent_org_code", "standing_consent", ["org_code"])
    op.add_column("request_step", sa.Column("consent_id", sa.Uuid))
    op.add_column("request_step", sa.Column("until", sa.Date))
    op.create_foreign_key("fk_request_step_consent_id", "request_step", "standing_consent", ["consent_id"], ["id"])
    op.create_check_constraint("ck_request_step_consent", "request_step", "consent_id IS NULL OR act = 'agreed'")
    op.drop_constraint("ck_request_step_one_decider", "request_step")
    op.drop_constraint("ck_request_step_what_nodes_do", "request_step")
    op.create_check_constraint(
        "ck_request_step_one_decider",
        "request_step",
        "num_nonnulls(decided_by, decided_by_node) = CASE WHEN act = 'expired' THEN 0 ELSE 1 END",
    )
    op.create_check_constraint(
        "ck_request_step_what_nodes_do",
        "request_step",
        "decided_by IS NOT NULL OR (act = state AND state IN ('provisioned', 'active', 'expired'))",
    )
    op.add_column("request", sa.Column("case_no", sa.Text))
    op.add_column("request", sa.Column("renews", sa.Uuid))
    op.create_foreign_key("fk_request_renews", "request", "request", ["renews"], ["id"])
    op.create_index("ix_request_case_no", "request", ["case_no"])
    op.create_index("ix_request_renews", "request", ["renews"])
    op.create_table(
        "disposal_certificate",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("step_seq", sa.Integer, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("carried_out_on", sa.Date, nullable=False),
        sa.Column("carried_out_by", sa.Text, nullable=False),
        sa.Column("witnessed_by", sa.Text, nullable=False),
        sa.Column("covers", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_disposal_certificate"),
        sa.ForeignKeyConstraint(
            ["request_id", "step_seq"],
            ["request_step.request_id", "request_step.seq"],
            name="fk_disposal_certificate_step",
        ),
    )
