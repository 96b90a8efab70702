"""Imports as things that are looked at, repaired, carried out and undone; updates by import and discarded drafts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

_INSTANT = sa.DateTime(timezone=True)
_RESULTS = (
    "('register', 'draft'), ('edit', 'draft'), ('assess', 'draft'), ('import', 'draft'), "
    "('head_approve', 'head_approved'), ('submit', 'submitted'), ('review', 'reviewed'), ('publish', 'published'), "
    "('return', 'draft'), ('recall', 'draft'), ('suspend', 'suspended'), ('resume', 'published'), "
    "('withdraw', 'withdrawn'), ('discard', 'withdrawn'), ('resume', 'draft')"
)
_OWN_STEPS = "'register', 'edit', 'assess', 'import', 'submit', 'recall', 'discard'"
_PLAIN_TITLE = r"""
CREATE FUNCTION plain_title(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT lower(regexp_replace(
    normalize(title, NFKC), '[][\s().,;!?<>/_*&''"~、。《》〈〉「」『』【】“”‘’·—…:-]+', '', 'g'))
$$
"""


def upgrade() -> None:
    _steps()
    _imports()
    _found()
    op.execute(_PLAIN_TITLE)  # blind to case, width, blanks and punctuation: what people take for the same title
    op.execute("CREATE INDEX ix_resource_plain_title ON resource (plain_title(title))")


def _steps() -> None:
    op.drop_constraint("ck_resource_step_result", "resource_step")
    op.create_check_constraint("ck_resource_step_result", "resource_step", f"(step, status) IN ({_RESULTS})")
    op.drop_constraint("ck_resource_step_no_self_approval", "resource_step")
    op.create_check_constraint(
        "ck_resource_step_no_self_approval",
        "resource_step",
        f"decided_by <> authored_by OR step IN ({_OWN_STEPS})",
    )


def _imports() -> None:
    op.create_table(
        "catalogue_import",
        sa.Column("id", sa.Uuid),
        sa.Column("org_code", sa.String(32)),
        sa.Column("provider_code", sa.String(32)),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("uploaded_by", sa.Uuid, nullable=False),
        sa.Column("uploaded_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), server_default="", nullable=False),
        sa.Column("revision", sa.Integer, server_default="0", nullable=False),
        sa.Column("mapping", JSONB),
        sa.Column("header_signature", sa.String(64), server_default="", nullable=False),
        sa.Column("row_count", sa.Integer, server_default="0", nullable=False),
        sa.Column("checked_at", _INSTANT),
        sa.Column("ended_by", sa.Uuid),
        sa.Column("ended_at", _INSTANT),
        sa.Column("undone_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_import"),
        _fk("catalogue_import", "org_code", "organisation.code", onupdate="CASCADE"),
        _fk("catalogue_import", "provider_code", "organisation.code", onupdate="CASCADE"),
        _fk("catalogue_import", "uploaded_by", "account.id"),
        _fk("catalogue_import", "ended_by", "account.id"),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'carried_out', 'undone', 'discarded')", name="ck_catalogue_import_state"
        ),
        sa.CheckConstraint("stage IN ('', 'reading', 'diagnosing', 'comparing')", name="ck_catalogue_import_stage"),
    )
    op.create_index("ix_catalogue_import_org_code", "catalogue_import", ["org_code", "uploaded_at"])
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.Uuid),
        sa.Column("revision", sa.Integer),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("change_count", sa.Integer, server_default="0", nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "revision", name="pk_import_file"),
        _fk("import_file", "import_id", "catalogue_import.id"),
        _fk("import_file", "made_by", "account.id"),
    )
    op.create_table(
        "import_mapping",
        sa.Column("org_code", sa.String(32)),
        sa.Column("header_signature", sa.String(64)),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("chosen_by", sa.Uuid, nullable=False),
        sa.Column("chosen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org_code", "header_signature", name="pk_import_mapping"),
        _fk("import_mapping", "org_code", "organisation.code", onupdate="CASCADE"),
        _fk("import_mapping", "chosen_by", "account.id"),
    )


def _found() -> None:
    op.create_table(
        "import_entry",
        sa.Column("import_id", sa.Uuid),
        sa.Column("number", sa.Integer),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("record", JSONB),
        sa.Column("standing", sa.String(10), server_default="", nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("version_before", sa.Integer),
        sa.Column("is_update", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("twins", JSONB, server_default="[]", nullable=False),
        sa.Column("problem", JSONB, server_default="{}", nullable=False),
        sa.Column("outcome", sa.String(10), server_default="", nullable=False),
        sa.Column("version_after", sa.Integer),
        sa.Column("reversal", sa.String(10), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_entry"),
        _fk("import_entry", "import_id", "catalogue_import.id"),
        _fk("import_entry", "resource_id", "resource.id"),
        sa.CheckConstraint(
            "standing IN ('', 'new', 'unchanged', 'different', 'refused')", name="ck_import_entry_standing"
        ),
        sa.CheckConstraint(
            "outcome IN ('', 'added', 'updated', 'unchanged', 'left', 'refused')", name="ck_import_entry_outcome"
        ),
        sa.CheckConstraint("reversal IN ('', 'discarded', 'restored', 'kept')", name="ck_import_entry_reversal"),
    )
    op.create_table(
        "import_cell",
        sa.Column("import_id", sa.Uuid),
        sa.Column("number", sa.Integer),
        sa.Column("fault", sa.String(30), server_default="", nullable=False),
        sa.Column("rule", sa.String(60), server_default="", nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("letters", sa.String(3), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("problem_en", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, server_default="", nullable=False),
        sa.Column("is_certain", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("is_chosen", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("typed", sa.Text),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_cell"),
        _fk("import_cell", "import_id", "catalogue_import.id"),
        sa.CheckConstraint("severity IN ('error', 'warning')", name="ck_import_cell_severity"),
    )
    op.create_index("ix_import_cell_fault", "import_cell", ["import_id", "fault"])


def _fk(table: str, column: str, target: str, onupdate: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", onupdate=onupdate)
