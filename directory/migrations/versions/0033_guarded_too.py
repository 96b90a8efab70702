"""What came beside the acts of 机构改革 is never new for a closed department either, and moves along an act only.

A matter is also passed on, and an import is for whom its file names: of these only what is new is looked at.
"""

from alembic import op

revision = "0033"
down_revision = "0037"

_MOVE_ONLY_SO = {
    "demand": "org_code",
    "negative_entry": "org_code",
    "prefix_delegation": "org_code",
    "responsibility": "org_code",
}
_NEW_ONLY = {"catalogue_import": "org_code", "matter": "to_org"}  # a matter's from_org has its own guard (0030)


def upgrade() -> None:
    for table, column in (_MOVE_ONLY_SO | _NEW_ONLY).items():
        on = "INSERT" if table in _NEW_ONLY else f"INSERT OR UPDATE OF {column}"
        op.execute(
            f"CREATE TRIGGER follow_reform_too BEFORE {on} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION hutong_follow_reform('{column}')"
        )
