"""Departments, accounts, catalogue entries and the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)
_ROLES = (
    "'editor', 'department_head', 'sharing_lead', 'requester', 'office_reviewer', 'office_approver', "
    "'system_admin', 'security_admin', 'auditor', 'operator'"
)
_STATUSES = "'draft', 'head_approved', 'submitted', 'reviewed', 'published', 'suspended', 'withdrawn'"
_RESULTS = (
    "('register', 'draft'), ('edit', 'draft'), ('assess', 'draft'), ('head_approve', 'head_approved'), "
    "('submit', 'submitted'), ('review', 'reviewed'), ('publish', 'published'), ('return', 'draft'), "
    "('recall', 'draft'), ('suspend', 'suspended'), ('resume', 'published'), ('withdraw', 'withdrawn'), "
    "('resume', 'draft')"
)


def upgrade() -> None:
    _people()
    _catalogue()
    _audit()


def _people() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(32)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("short_name", sa.String(50), server_default="", nullable=False),
        sa.Column("is_office", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("prefix", sa.String(5)),
        sa.Column("is_confirmed", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_organisation"),
        sa.UniqueConstraint("name", name="uq_organisation_name"),
        sa.UniqueConstraint("prefix", name="uq_organisation_prefix"),
        sa.CheckConstraint("prefix ~ '^[0-9A-Z]{5}$'", name="ck_organisation_prefix"),
        sa.CheckConstraint("prefix IS NULL OR is_confirmed", name="ck_organisation_prefix_confirmed"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("org_code", sa.String(32)),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("is_active", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("username", name="uq_account_username"),
        sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name="fk_account_org_code", onupdate="CASCADE"),
        sa.CheckConstraint("org_code IS NOT NULL OR password_hash IS NULL", name="ck_account_person_has_org"),
    )
    op.create_index("ix_account_org_code", "account", ["org_code"])
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid),
        sa.Column("role", sa.String(32)),
        sa.Column("granted_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "role", name="pk_account_role"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_role_account_id"),
        sa.CheckConstraint(f"role IN ({_ROLES})", name="ck_account_role_role"),
    )
    op.create_index(
        "uq_account_role_one_admin",
        "account_role",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("role IN ('system_admin', 'security_admin', 'auditor')"),
    )
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.LargeBinary),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_login_session"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_login_session_account_id"),
        sa.CheckConstraint("kind IN ('browser', 'api')", name="ck_login_session_kind"),
    )
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"])
    op.create_index("ix_login_session_last_seen_at", "login_session", ["last_seen_at"])
    op.create_table(
        "login_failure",
        sa.Column("username", sa.String(64)),
        sa.Column("address", sa.String(64)),
        sa.Column("failed_count", sa.Integer, nullable=False),
        sa.Column("last_failed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("username", "address", name="pk_login_failure"),
    )
    op.create_index("ix_login_failure_last_failed_at", "login_failure", ["last_failed_at"])


def _catalogue() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid),
        sa.Column("identifier", sa.String(64)),
        sa.Column("code", sa.String(210)),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("step_seq", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("current_version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("published_on", sa.Date),
        sa.Column("library", sa.String(32)),
        sa.Column("share_type", sa.String(32)),
        sa.Column("updated_on", sa.Date, nullable=False),
        sa.Column("source_key", sa.String(64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resource"),
        sa.UniqueConstraint("identifier", name="uq_resource_identifier"),
        sa.UniqueConstraint("code", name="uq_resource_code"),
        sa.ForeignKeyConstraint(["org_code"], ["organisation.code"], name="fk_resource_org_code", onupdate="CASCADE"),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name="ck_resource_status"),
        sa.CheckConstraint(
            "status <> 'published' OR published_version = current_version", name="ck_resource_published"
        ),
    )
    for column in ("org_code", "title", "status", "library", "updated_on"):
        op.create_index(f"ix_resource_{column}", "resource", [column])
    op.create_index(
        "ix_resource_source_key",
        "resource",
        ["org_code", "source_key"],
        unique=True,
        postgresql_where=sa.text("source_key <> ''"),
    )
    op.create_table(
        "resource_version",
        sa.Column("resource_id", sa.Uuid),
        sa.Column("version", sa.Integer),
        sa.Column("record", JSONB, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "version", name="pk_resource_version"),
        sa.UniqueConstraint("resource_id", "version", "created_by", name="uq_resource_version_author"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_resource_version_resource_id"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_resource_version_created_by"),
    )
    op.create_table(
        "resource_step",
        sa.Column("resource_id", sa.Uuid),
        sa.Column("seq", sa.Integer),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("authored_by", sa.Uuid, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("comment", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "seq", name="pk_resource_step"),
        sa.UniqueConstraint("resource_id", "seq", "status", name="uq_resource_step_status"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_resource_step_resource_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_resource_step_decided_by"),
        sa.ForeignKeyConstraint(
            ["resource_id", "version", "authored_by"],
            ["resource_version.resource_id", "resource_version.version", "resource_version.created_by"],
            name="fk_resource_step_author",
        ),
        sa.CheckConstraint(f"(step, status) IN ({_RESULTS})", name="ck_resource_step_result"),
        sa.CheckConstraint(
            "decided_by <> authored_by OR step IN ('register', 'edit', 'assess', 'submit', 'recall')",
            name="ck_resource_step_no_self_approval",
        ),
    )
    op.create_index(
        "uq_resource_step_approver",
        "resource_step",
        ["resource_id", "round", "decided_by"],
        unique=True,
        postgresql_where=sa.text("step IN ('head_approve', 'review', 'publish')"),
    )
    op.create_foreign_key(
        "fk_resource_last_step",
        "resource",
        "resource_step",
        ["id", "step_seq", "status"],
        ["resource_id", "seq", "status"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_foreign_key(
        "fk_resource_current_version",
        "resource",
        "resource_version",
        ["id", "current_version"],
        ["resource_id", "version"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_table(
        "minted",
        sa.Column("kind", sa.String(10)),
        sa.Column("front", sa.String(32)),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "front", name="pk_minted"),
        sa.CheckConstraint("kind IN ('identifier', 'code')", name="ck_minted_kind"),
    )


def _audit() -> None:
    op.create_table(
        "audit_out",
        sa.Column("n", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit_out"),
    )
    op.create_index("ix_audit_out_event_id", "audit_out", ["event_id"])
    op.create_table(
        "audit_log",
        sa.Column("idx", sa.BigInteger, autoincrement=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("producer", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_audit_log"),
        sa.UniqueConstraint("event_id", name="uq_audit_log_event_id"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_audit_checkpoint"),
    )
