"""Rows since a day may be asked for, rows and calls be capped; who decides matters and lists may do so for somebody.

What published entries hold stands beside them, item by item, for those who match a list with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0049"

_OWN_ACTS = "'raised', 'withdrawn', 'escalated', 'settled', 'acknowledged'"
_NOT_FOR = {
    "matter_step": ("not_for_creator", f"decided_for <> raised_by OR act IN ({_OWN_ACTS})"),
    "negative_entry": ("not_for_proposer", "decided_for <> proposed_by"),
    "responsibility_step": ("not_for_assigner", "decided_for <> assigned_by"),
}
_HELD = "EXECUTE FUNCTION hutong_delegated()"
_ANSWERS = "'answered', 'corrected', 'not_wrong'"
_TWO_HANDS = f"""
CREATE FUNCTION hutong_matter_answer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    hands uuid[] := array_remove(ARRAY[NEW.decided_by, NEW.decided_for], NULL);
BEGIN
    IF EXISTS (
        SELECT FROM matter_step WHERE matter_id = NEW.matter_id AND seq <> NEW.seq AND act IN ({_ANSWERS})
        AND (decided_by = ANY (hands) OR decided_for = ANY (hands))
    ) THEN
        RAISE EXCEPTION 'each answer is another person''s' USING ERRCODE = 'check_violation', CONSTRAINT = 'two_hands';
    END IF;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.drop_constraint("ck_filter_offer_template", "filter_offer")
    op.create_check_constraint("ck_filter_offer_template", "filter_offer", "template IN ('region', 'equals', 'since')")
    for name in ("most_rows", "most_calls"):
        op.add_column("use_cap", sa.Column(name, sa.BigInteger))
    op.create_check_constraint("ck_use_cap_most_counted", "use_cap", "most_rows >= 1 AND most_calls >= 1")
    for table, (name, condition) in _NOT_FOR.items():
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
        op.create_check_constraint(f"ck_{table}_{name}", table, condition)
    for table in ("matter_step", "responsibility_step"):
        when = "WHEN (NEW.delegation_id IS NOT NULL)"
        op.execute(f"CREATE TRIGGER delegated BEFORE INSERT ON {table} FOR EACH ROW {when} {_HELD}")
    decides = "WHEN (NEW.delegation_id IS NOT NULL AND OLD.decided_by IS NULL)"
    op.execute(f"CREATE TRIGGER delegated BEFORE UPDATE ON negative_entry FOR EACH ROW {decides} {_HELD}")
    again = "(OLD.decided_by, OLD.decided_for, OLD.delegation_id, OLD.decided_at)"
    again += " IS DISTINCT FROM (NEW.decided_by, NEW.decided_for, NEW.delegation_id, NEW.decided_at)"
    op.execute(
        "CREATE TRIGGER decided BEFORE UPDATE ON negative_entry FOR EACH ROW"
        f" WHEN (OLD.decided_by IS NOT NULL AND {again})"
        " EXECUTE FUNCTION hutong_refuse('what is decided stays')"
    )
    begun = "WHEN (NEW.decided_by IS NOT NULL)"
    op.execute(
        f"CREATE TRIGGER undecided BEFORE INSERT ON negative_entry FOR EACH ROW {begun}"
        " EXECUTE FUNCTION hutong_refuse('nothing begins decided')"
    )
    op.execute(_TWO_HANDS)
    op.execute(
        f"CREATE TRIGGER two_hands AFTER INSERT ON matter_step FOR EACH ROW WHEN (NEW.act IN ({_ANSWERS}))"
        " EXECUTE FUNCTION hutong_matter_answer()"
    )
    op.create_table(
        "held_spelling",
        sa.Column("id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "field", "base_item")),
        sa.PrimaryKeyConstraint("id", name="pk_held_spelling"),
    )
    op.create_table(
        "held_entry",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "share_type")),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", name="pk_held_entry"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_held_entry_resource_id"),
    )
    op.create_table(
        "held_item",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("spelling_id", sa.Uuid, nullable=False),
        sa.Column("sensitivity", sa.Integer, nullable=False),
        sa.Column("lead_department", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "number", name="pk_held_item"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["held_entry.resource_id"], name="fk_held_item_resource_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["spelling_id"], ["held_spelling.id"], name="fk_held_item_spelling_id"),
    )
    op.create_index("ix_held_item_spelling_id", "held_item", ["spelling_id"])
