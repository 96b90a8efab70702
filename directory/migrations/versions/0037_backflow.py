"""回流 (Art. 24): which requests are, and standing consents to them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0034"

_BEGIN = "LANGUAGE plpgsql SET search_path = public, pg_temp AS $$"

# Who approves for the requester sends a request on at once only where it is 回流; others are submitted and accepted.
_STEP = f"""
CREATE FUNCTION hutong_backflow_step() RETURNS trigger {_BEGIN}
BEGIN
    IF NOT EXISTS (SELECT FROM backflow_request WHERE request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'only what goes back to a lower territory skips acceptance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'backflow_step';
    END IF;
    RETURN NEW;
END $$"""

# A request is 回流 from its first text on, or never.
_BORN = f"""
CREATE FUNCTION hutong_backflow_born() RETURNS trigger {_BEGIN}
BEGIN
    IF EXISTS (SELECT FROM request WHERE id = NEW.request_id AND first_submitted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'what was submitted does not become a request of another kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'backflow_born';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    op.create_table(
        "backflow_request",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_backflow_request"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_backflow_request_request_id"),
        sa.CheckConstraint("region_code ~ '^[0-9]{6,12}$' AND field <> ''", name="ck_backflow_request_region"),
    )
    op.add_column("standing_consent", sa.Column("is_backflow", sa.Boolean, nullable=False, server_default=sa.false()))
    op.drop_index("uq_standing_consent_standing", "standing_consent")
    op.create_index(
        "uq_standing_consent_standing",
        "standing_consent",
        ["resource_id", "is_backflow"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.execute(_STEP)
    op.execute(_BORN)
    op.execute(
        "CREATE TRIGGER backflow BEFORE INSERT ON request_step FOR EACH ROW"
        " WHEN (NEW.act = 'req_approved' AND NEW.state = 'submitted') EXECUTE FUNCTION hutong_backflow_step()"
    )
    op.execute(
        "CREATE TRIGGER born BEFORE INSERT ON backflow_request FOR EACH ROW EXECUTE FUNCTION hutong_backflow_born()"
    )
