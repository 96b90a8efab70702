"""What departments entrust to others (Art. 36): entered, approved by the head, supervised, ended."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0047"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entrustment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("contractor", "contractor_code", "work", "covers")),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("entered_by", sa.Uuid, nullable=False),
        sa.Column("entered_by_name", sa.Text, nullable=False),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entrustment"),
        sa.UniqueConstraint("id", "entered_by", name="uq_entrustment_id_entered_by"),
        sa.CheckConstraint("'' NOT IN (contractor, work, covers, basis)", name="ck_entrustment_said"),
        sa.CheckConstraint("since <= until", name="ck_entrustment_days"),
        sa.ForeignKeyConstraint(
            ["org_code"], ["organisation.code"], name="fk_entrustment_org_code", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name="fk_entrustment_entered_by"),
    )
    op.create_index("ix_entrustment_org_code", "entrustment", ["org_code"])
    op.execute(
        "CREATE TRIGGER follow_reform BEFORE INSERT OR UPDATE OF org_code ON entrustment"
        " FOR EACH ROW EXECUTE FUNCTION hutong_follow_reform('org_code')"
    )
    op.create_table(
        "entrustment_step",
        sa.Column("entrustment_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("entered_by", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_by", sa.Uuid, nullable=False),
        sa.Column("said_by_name", sa.Text, nullable=False),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("entrustment_id", "seq", name="pk_entrustment_step"),
        sa.ForeignKeyConstraint(
            ["entrustment_id", "entered_by"],
            ["entrustment.id", "entrustment.entered_by"],
            name="fk_entrustment_step_entrustment",
        ),
        sa.ForeignKeyConstraint(["said_by"], ["account.id"], name="fk_entrustment_step_said_by"),
        sa.CheckConstraint("act IN ('approved', 'refused', 'supervised', 'ended')", name="ck_entrustment_step_act"),
        sa.CheckConstraint("act = 'approved' OR words <> ''", name="ck_entrustment_step_words"),
        sa.CheckConstraint(
            "act NOT IN ('approved', 'refused') OR said_by <> entered_by",
            name="ck_entrustment_step_no_self_approval",
        ),
    )
    for name, acts in (("decision", "act IN ('approved', 'refused')"), ("end", "act = 'ended'")):
        op.create_index(
            f"uq_entrustment_step_{name}",
            "entrustment_step",
            ["entrustment_id"],
            unique=True,
            postgresql_where=sa.text(acts),
        )
