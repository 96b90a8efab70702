"""A request goes on with another clerk than its creator; situations of Articles 39 and 40 are filed."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

_BEGIN = "LANGUAGE plpgsql SET search_path = public, pg_temp AS $$"
_REFUSED = "USING ERRCODE = 'check_violation', CONSTRAINT ="
_INSTANT = sa.DateTime(timezone=True)

# Whoever goes on in the creator's place decides on the request no more than the creator.
_HANDLER = f"""
CREATE FUNCTION hutong_handler() RETURNS trigger {_BEGIN}
BEGIN
    IF NEW.act NOT IN ('amended', 'submitted', 'discarded') AND EXISTS (
        SELECT FROM request WHERE id = NEW.request_id AND handled_by IN (NEW.decided_by, NEW.decided_for)
        AND NOT (NEW.act = 'handed_over' AND handled_by = NEW.handed_to)) THEN
        RAISE EXCEPTION 'who goes on with a request does not decide on it' {_REFUSED} 'not_by_handler';
    END IF;
    RETURN NULL;
END $$"""
_HANDLED = f"""
CREATE FUNCTION hutong_handled() RETURNS trigger {_BEGIN}
BEGIN
    IF (SELECT handled_by FROM request WHERE id = NEW.id) IS DISTINCT FROM (
        SELECT handed_to FROM request_step WHERE request_id = NEW.id AND act = 'handed_over'
        ORDER BY seq DESC LIMIT 1) THEN
        RAISE EXCEPTION 'a request is handled by whom it was handed to' {_REFUSED} 'handed_to';
    END IF;
    RETURN NULL;
END $$"""  # noqa: S608


def upgrade() -> None:
    for table, column in (("request", "handled_by"), ("request_step", "handed_to")):
        op.add_column(table, sa.Column(column, sa.Uuid))
        op.create_foreign_key(f"fk_{table}_{column}", table, "account", [column], ["id"])
    handled = sa.text("handled_by IS NOT NULL")
    op.create_index("ix_request_handled_by", "request", ["handled_by"], postgresql_where=handled)
    op.create_check_constraint(
        "ck_request_step_handed_to", "request_step", "(act = 'handed_over') = (handed_to IS NOT NULL)"
    )
    op.execute(_HANDLER)
    op.execute(_HANDLED)
    op.execute(
        "CREATE TRIGGER handler AFTER INSERT ON request_step FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL)"
        " EXECUTE FUNCTION hutong_handler()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER handled AFTER UPDATE ON request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " WHEN (OLD.handled_by IS DISTINCT FROM NEW.handled_by) EXECUTE FUNCTION hutong_handled()"
    )
    _situations()


def _situations() -> None:
    op.create_table(
        "situation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("found_by", sa.Uuid, nullable=False),
        sa.Column("found_by_name", sa.Text, nullable=False),
        sa.Column("found_org", sa.String(32), nullable=False),
        sa.Column("found_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_situation"),
        sa.UniqueConstraint("id", "found_by", name="uq_situation_id_found_by"),
        sa.CheckConstraint("code ~ '^[PC][0-9]$'", name="ck_situation_code"),
        sa.CheckConstraint("words <> ''", name="ck_situation_words"),
        _org("situation", "org_code"),
        _org("situation", "found_org"),
        _key("situation", "request_id", "request.id"),
        _key("situation", "resource_id", "resource.id"),
        _key("situation", "found_by", "account.id"),
    )
    for column in ("org_code", "found_org", "request_id"):
        op.create_index(f"ix_situation_{column}", "situation", [column])
    op.create_table(
        "situation_step",
        sa.Column("situation_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("found_by", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_by", sa.Uuid, nullable=False),
        sa.Column("said_by_name", sa.Text, nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("situation_id", "seq", name="pk_situation_step"),
        sa.ForeignKeyConstraint(
            ["situation_id", "found_by"], ["situation.id", "situation.found_by"], name="fk_situation_step_situation"
        ),
        _key("situation_step", "said_by", "account.id"),
        sa.CheckConstraint("act IN ('answered', 'closed')", name="ck_situation_step_act"),
        sa.CheckConstraint(
            "outcome IN ('', 'corrected', 'referred', 'unfounded') AND (act = 'closed') = (outcome <> '')",
            name="ck_situation_step_outcome",
        ),
        sa.CheckConstraint("words <> ''", name="ck_situation_step_words"),
        sa.CheckConstraint("act <> 'closed' OR said_by <> found_by", name="ck_situation_step_no_self_approval"),
    )
    op.create_index(
        "uq_situation_step_end",
        "situation_step",
        ["situation_id"],
        unique=True,
        postgresql_where=sa.text("act = 'closed'"),
    )


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _org(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["organisation.code"], name=f"fk_{table}_{column}", onupdate="CASCADE")
