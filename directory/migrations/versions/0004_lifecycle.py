"""What an entry's life needs besides: returns by field, templates, changes of law or duty."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "resource_remark",
        sa.Column("resource_id", sa.Uuid),
        sa.Column("seq", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "seq", "number", name="pk_resource_remark"),
        sa.ForeignKeyConstraint(
            ["resource_id", "seq"], ["resource_step.resource_id", "resource_step.seq"], name="fk_resource_remark_step"
        ),
    )
    op.create_table(
        "template",
        sa.Column("library", sa.String(32)),
        sa.Column("record", JSONB, nullable=False),
        sa.Column("edited_by", sa.Uuid, nullable=False),
        sa.Column("edited_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("library", name="pk_template"),
        _fk("template", "edited_by", "account.id"),
    )
    _duties()


def _fk(table: str, column: str, target: str, onupdate: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", onupdate=onupdate)


def _duties() -> None:
    op.create_table(
        "duty_change",
        sa.Column("id", sa.Uuid),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("article", sa.String(100), server_default="", nullable=False),
        sa.Column("description", sa.Text, server_default="", nullable=False),
        sa.Column("changed_on", sa.Date, nullable=False),
        sa.Column("reported_by", sa.Uuid, nullable=False),
        sa.Column("reported_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_change"),
        sa.CheckConstraint("kind IN ('law', 'duty')", name="ck_duty_change_kind"),
        _fk("duty_change", "org_code", "organisation.code", onupdate="CASCADE"),
        _fk("duty_change", "reported_by", "account.id"),
    )
    op.create_index("ix_duty_change_org_code", "duty_change", ["org_code"])
    op.create_table(
        "duty_change_entry",
        sa.Column("change_id", sa.Uuid),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("at_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("change_id", "resource_id", name="pk_duty_change_entry"),
        _fk("duty_change_entry", "change_id", "duty_change.id"),
        _fk("duty_change_entry", "resource_id", "resource.id"),
        sa.ForeignKeyConstraint(
            ["resource_id", "at_version"],
            ["resource_version.resource_id", "resource_version.version"],
            name="fk_duty_change_entry_version",
        ),
    )
    op.create_index("ix_duty_change_entry_resource_id", "duty_change_entry", ["resource_id"])
    op.create_table(
        "duty_extension",
        sa.Column("change_id", sa.Uuid),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("is_granted", sa.Boolean),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", _INSTANT),
        sa.Column("comment", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_duty_extension"),
        sa.CheckConstraint("days BETWEEN 1 AND 5", name="ck_duty_extension_days"),
        sa.CheckConstraint(
            "(is_granted IS NULL) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="ck_duty_extension_decided",
        ),
        sa.CheckConstraint("decided_by <> requested_by", name="ck_duty_extension_no_self_approval"),
        _fk("duty_extension", "change_id", "duty_change.id"),
        _fk("duty_extension", "requested_by", "account.id"),
        _fk("duty_extension", "decided_by", "account.id"),
    )
