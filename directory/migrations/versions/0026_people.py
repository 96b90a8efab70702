"""Delegations, access tokens, one-time passwords; who gave a role; for whom a delegate decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0026"
down_revision = "0027"

_INSTANT = sa.DateTime(timezone=True)
_DECISIONS = ("request_step", "request_extension", "resource_step", "duty_extension")


def upgrade() -> None:
    op.add_column("account", sa.Column("one_time_until", _INSTANT))
    op.add_column("account_role", sa.Column("granted_by", sa.Uuid))
    op.create_foreign_key("fk_account_role_granted_by", "account_role", "account", ["granted_by"], ["id"])
    op.create_check_constraint("ck_account_role_not_to_oneself", "account_role", "granted_by <> account_id")
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("delegator_id", sa.Uuid, nullable=False),
        sa.Column("delegate_id", sa.Uuid, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT),
        sa.Column("revoked_by", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
        sa.ForeignKeyConstraint(["delegator_id"], ["account.id"], name="fk_delegation_delegator_id"),
        sa.ForeignKeyConstraint(["delegate_id"], ["account.id"], name="fk_delegation_delegate_id"),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name="fk_delegation_revoked_by"),
        sa.UniqueConstraint("id", "delegate_id", "delegator_id", name="uq_delegation_hands"),
        sa.CheckConstraint(
            "role IN ('department_head', 'office_approver', 'office_reviewer', 'sharing_lead')",
            name="ck_delegation_role",
        ),
        sa.CheckConstraint("delegate_id <> delegator_id", name="ck_delegation_two_people"),
        sa.CheckConstraint("ends_on BETWEEN starts_on AND starts_on + 91", name="ck_delegation_days"),
        sa.CheckConstraint("reason <> ''", name="ck_delegation_reason"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="ck_delegation_revoked"),
    )
    op.create_index("ix_delegation_delegator_id", "delegation", ["delegator_id"])
    op.create_index("ix_delegation_delegate_id", "delegation", ["delegate_id"])
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("scope", ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT),
        sa.Column("revoked_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_access_token_account_id"),
        sa.UniqueConstraint("token_hash", name="uq_access_token_token_hash"),
        sa.CheckConstraint("name <> ''", name="ck_access_token_name"),
        sa.CheckConstraint("cardinality(scope) > 0", name="ck_access_token_scope"),
        sa.CheckConstraint(
            "expires_at > created_at AND expires_at <= created_at + interval '367 days'",
            name="ck_access_token_expires",
        ),
    )
    op.create_index("ix_access_token_account_id", "access_token", ["account_id"])
    for table in _DECISIONS:
        op.add_column(table, sa.Column("decided_for", sa.Uuid))
        op.add_column(table, sa.Column("delegation_id", sa.Uuid))
        op.create_foreign_key(
            f"fk_{table}_delegation",
            table,
            "delegation",
            ["delegation_id", "decided_by", "decided_for"],
            ["id", "delegate_id", "delegator_id"],
        )
        op.create_check_constraint(f"ck_{table}_delegated", table, "num_nonnulls(delegation_id, decided_for) IN (0, 2)")
    op.create_check_constraint("ck_request_step_not_for_creator", "request_step", "decided_for <> requested_by")
    op.create_check_constraint("ck_resource_step_not_for_author", "resource_step", "decided_for <> authored_by")
    for table in ("request_extension", "duty_extension"):
        op.create_check_constraint(f"ck_{table}_not_for_asker", table, "decided_for <> requested_by")
