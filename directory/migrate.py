"""Bring the database to the present: ``migrate(settings)``, forward only, safe to repeat and to run twice at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg2 import sql
from sqlalchemy import Connection, create_engine, make_url, text

from directory.clock.seed import seed
from directory.legal_steps import seed_legal_steps
from directory.libraries.seed import seed_libraries
from directory.privileges import PRIVILEGES
from directory.settings import DirectorySettings

_LOCK = 0x4D494752415445  # "MIGRATE"
_LOCK_WAIT = "60s"  # a table lock that the running version holds longer stops the migration, never the service
_CONNECT_SECONDS = 5


def migrate(settings: DirectorySettings) -> None:
    """As the owner, in one transaction: run migrations, fill first tables, give the application's role its rights."""
    engine = create_engine(settings.owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            seed(connection)
            seed_legal_steps(connection)
            seed_libraries(connection)
            _grant(connection, make_url(settings.database_url).username, make_url(settings.owner_url).username)
    finally:
        engine.dispose()


def versions(settings: DirectorySettings) -> tuple[str, str]:
    """Of the tables that the service finds, empty where there are none, and of those that this program works with.

    Raises ``sqlalchemy.exc.OperationalError`` when the database cannot be reached within some seconds.
    """
    waiting = {"connect_timeout": _CONNECT_SECONDS}
    engine = create_engine(settings.database_url, hide_parameters=True, connect_args=waiting)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return found or "", ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _grant(connection: Connection, app_role: str | None, owner_role: str | None) -> None:
    """Give the application's role exactly ``PRIVILEGES``; a table that is not listed there it cannot even read."""
    if app_role is None or app_role == owner_role:
        return
    role = sql.Identifier(app_role)
    statements = [
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
    ]
    for table, verbs in PRIVILEGES.items():
        granted = sql.SQL(", ").join(sql.SQL(verb) for verb in verbs)
        statements.append(sql.SQL("GRANT {} ON {} TO {}").format(granted, sql.Identifier(table), role))
    cursor = connection.connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
