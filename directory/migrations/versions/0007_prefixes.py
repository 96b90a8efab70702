"""The register of prefixes (前段码) and the class codes."""

import sqlalchemy as sa
from alembic import op

from standards.codes import table

revision = "0007"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)
_LOCAL = (("213", "宏观经济（本地增设）"),)  # statistics is no class of the guide; DirectorySettings.class_codes


def upgrade() -> None:
    op.drop_constraint("ck_organisation_prefix", "organisation")
    op.alter_column("organisation", "prefix", type_=sa.String(6))
    op.create_check_constraint("ck_organisation_prefix", "organisation", "prefix ~ '^[0-9A-Z]{5,6}$'")
    op.create_table(
        "prefix_delegation",
        sa.Column("stem", sa.String(5)),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("delegated_by", sa.Uuid),
        sa.Column("delegated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("stem", name="pk_prefix_delegation"),
        sa.ForeignKeyConstraint(
            ["org_code"], ["organisation.code"], name="fk_prefix_delegation_org_code", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["delegated_by"], ["account.id"], name="fk_prefix_delegation_delegated_by"),
        sa.CheckConstraint("stem ~ '^[0-9A-Z]{1,5}$'", name="ck_prefix_delegation_stem"),
    )
    op.create_table(
        "prefix_allotment",
        sa.Column("code", sa.String(6)),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("allotted_by", sa.Uuid),
        sa.Column("allotted_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT),
        sa.PrimaryKeyConstraint("code", name="pk_prefix_allotment"),
        sa.ForeignKeyConstraint(
            ["org_code"], ["organisation.code"], name="fk_prefix_allotment_org_code", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["allotted_by"], ["account.id"], name="fk_prefix_allotment_allotted_by"),
        sa.CheckConstraint("code ~ '^[0-9A-Z]{5,6}$'", name="ck_prefix_allotment_code"),
    )
    op.create_index(
        "uq_prefix_allotment_open",
        "prefix_allotment",
        ["org_code"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.execute(
        "INSERT INTO prefix_allotment (code, org_code, allotted_at)"
        " SELECT prefix, code, created_at FROM organisation WHERE prefix IS NOT NULL"
    )
    classes = op.create_table(
        "class_code",
        sa.Column("code", sa.String(26)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("retired_at", _INSTANT),
        sa.PrimaryKeyConstraint("code", name="pk_class_code"),
        sa.CheckConstraint("code ~ '^[123]([0-9]{2}([0-9]{3}([0-9]{1,20})?)?)?$'", name="ck_class_code_code"),
        sa.CheckConstraint("origin IN ('guide', 'local')", name="ck_class_code_origin"),
    )
    guide = [
        {"code": each.code, "name": each.label, "origin": "guide"} for each in table("guide2017-class").codes.values()
    ]
    op.bulk_insert(classes, guide + [{"code": code, "name": name, "origin": "local"} for code, name in _LOCAL])
