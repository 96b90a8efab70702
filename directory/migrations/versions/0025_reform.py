"""Departments are a tree, are renamed, merged and split (机构改革), and nothing is left behind at one that was closed.

What names a department moves to another only along a recorded act, whoever writes: ``hutong_follow_reform`` refuses
anything else, and anything new for a closed one. A request's provider is its entry's, also when both are written at
once. The refusals' codes (``HT…``) are put into words in ``directory.db``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0026"

_INSTANT = sa.DateTime(timezone=True)

_NO_CYCLE = """
CREATE FUNCTION hutong_no_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('hutong.organisations', 0));
    IF EXISTS (
        WITH RECURSIVE above(code) AS (
            SELECT parent_code FROM organisation WHERE code = NEW.code
            UNION
            SELECT o.parent_code FROM organisation o JOIN above a ON o.code = a.code
        )
        SELECT FROM above WHERE code = NEW.code
    ) THEN
        RAISE EXCEPTION 'a department would be above itself' USING ERRCODE = 'HT001';
    END IF;
    RETURN NULL;
END $$"""

# The lock on the department's row makes an act and whatever is new for the department wait for each other.
_FOLLOW_REFORM = """
CREATE FUNCTION hutong_follow_reform() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named text;
    old_org text;
    new_org text;
    closed date;
BEGIN
    FOREACH named IN ARRAY TG_ARGV LOOP
        new_org := to_jsonb(NEW) ->> named;
        CONTINUE WHEN new_org IS NULL;
        IF TG_OP = 'UPDATE' THEN
            old_org := to_jsonb(OLD) ->> named;
            CONTINUE WHEN old_org = new_org;
            -- a department whose code is confirmed takes its rows along by cascade: the old code is gone then
            IF old_org IS NOT NULL AND EXISTS (SELECT FROM organisation WHERE code = old_org)
               AND NOT EXISTS (SELECT FROM reform_succession WHERE from_org = old_org AND to_org = new_org) THEN
                RAISE EXCEPTION 'moved without an act' USING ERRCODE = 'HT003';
            END IF;
        END IF;
        SELECT closed_on INTO closed FROM organisation WHERE code = new_org FOR SHARE;
        IF closed IS NOT NULL THEN
            RAISE EXCEPTION 'the department is closed' USING ERRCODE = 'HT002';
        END IF;
    END LOOP;
    RETURN NEW;
END $$"""

_FOLLOW_ENTRY = """
CREATE FUNCTION hutong_follow_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT org_code INTO NEW.provider_org FROM resource WHERE id = NEW.resource_id FOR SHARE;
    RETURN NEW;
END $$"""

_GUARDED = {
    "account": ("org_code",),
    "duty_change": ("org_code",),
    "enrolment_token": ("org_code",),
    "node": ("org_code",),
    "proposal": ("org_code",),
    "request": ("provider_org", "requester_org"),
    "resource": ("org_code",),
    "standing_consent": ("org_code",),
}


def upgrade() -> None:
    _tree()
    _acts()
    for statement in (_NO_CYCLE, _FOLLOW_REFORM, _FOLLOW_ENTRY):
        op.execute(statement)
    op.execute(
        "CREATE CONSTRAINT TRIGGER no_cycle AFTER INSERT OR UPDATE OF parent_code ON organisation"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.parent_code IS NOT NULL)"
        " EXECUTE FUNCTION hutong_no_cycle()"
    )
    op.execute(
        "CREATE TRIGGER follow_entry BEFORE INSERT ON request FOR EACH ROW EXECUTE FUNCTION hutong_follow_entry()"
    )
    for table, columns in _GUARDED.items():
        named = ", ".join(columns)
        given = ", ".join(f"'{column}'" for column in columns)
        op.execute(
            f"CREATE TRIGGER follow_reform BEFORE INSERT OR UPDATE OF {named} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION hutong_follow_reform({given})"
        )


def _tree() -> None:
    op.add_column("organisation", sa.Column("parent_code", sa.String(32)))
    op.add_column("organisation", sa.Column("region_code", sa.String(12), nullable=False, server_default=""))
    op.add_column("organisation", sa.Column("level", sa.String(10), nullable=False, server_default=""))
    op.add_column("organisation", sa.Column("closed_on", sa.Date))
    op.add_column("organisation", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.create_index("ix_organisation_parent_code", "organisation", ["parent_code"])
    op.create_foreign_key(
        "fk_organisation_parent_code", "organisation", "organisation", ["parent_code"], ["code"], onupdate="CASCADE"
    )
    for name, condition in {
        "prefix_open": "prefix IS NULL OR closed_on IS NULL",
        "parent": "parent_code <> code",
        "level": "level IN ('', 'nation', 'province', 'city', 'county', 'township')",
        "region_code": "region_code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})?$'",
    }.items():
        op.create_check_constraint(op.f(f"ck_organisation_{name}"), "organisation", condition)


def _acts() -> None:
    op.create_table(
        "reform",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("carried_out_by", sa.Uuid, nullable=False),
        sa.Column("carrier_name", sa.Text, nullable=False),
        sa.Column("carried_out_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reform"),
        sa.ForeignKeyConstraint(["carried_out_by"], ["account.id"], name="fk_reform_carried_out_by"),
        sa.CheckConstraint("kind IN ('rename', 'merge', 'split')", name="ck_reform_kind"),
        sa.CheckConstraint("basis <> ''", name="ck_reform_basis"),
    )
    op.create_table(
        "reform_succession",
        sa.Column("reform_id", sa.Uuid, nullable=False),
        sa.Column("from_org", sa.String(32), nullable=False),
        sa.Column("to_org", sa.String(32), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("reform_id", "from_org", "to_org", name="pk_reform_succession"),
        sa.ForeignKeyConstraint(["reform_id"], ["reform.id"], name="fk_reform_succession_reform_id"),
        *_organisation("reform_succession", "from_org", "to_org"),
    )
    op.create_index("ix_reform_succession_from_org", "reform_succession", ["from_org"])
    op.create_index(
        "uq_reform_succession_default",
        "reform_succession",
        ["reform_id", "from_org"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "reform_move",
        sa.Column("reform_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("from_org", sa.String(32), nullable=False),
        sa.Column("to_org", sa.String(32)),
        sa.PrimaryKeyConstraint("reform_id", "kind", "subject", name="pk_reform_move"),
        sa.ForeignKeyConstraint(["reform_id"], ["reform.id"], name="fk_reform_move_reform_id"),
        *_organisation("reform_move", "from_org", "to_org"),
    )
    op.create_index("ix_reform_move_from_org", "reform_move", ["from_org"])
    op.create_table(
        "organisation_former_name",
        sa.Column("reform_id", sa.Uuid, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("short_name", sa.String(50), nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("reform_id", "org_code", name="pk_organisation_former_name"),
        sa.ForeignKeyConstraint(["reform_id"], ["reform.id"], name="fk_organisation_former_name_reform_id"),
        *_organisation("organisation_former_name", "org_code"),
    )
    op.create_index("ix_organisation_former_name_name", "organisation_former_name", ["name"])


def _organisation(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([each], ["organisation.code"], name=f"fk_{table}_{each}", onupdate="CASCADE")
        for each in columns
    ]
