"""Bring a database of ours to the newest version: forward only, safe to repeat and to run twice at once."""

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from exchange import watched

Lineage = Literal["node", "target", "relay"]

_FOLDER = Path(__file__).parent / "migrations"
_SCHEMA: dict[Lineage, str] = {"node": "public", "target": "hutong", "relay": "public"}


def migrate(url: str, lineage: Lineage) -> None:
    """Upgrade the database at ``url``: a node's ledger, a department's marks (schema ``hutong``), or the relay's
    tables.

    All in one transaction under an advisory lock; a failure leaves the database as it was.
    """
    schema = _SCHEMA[lineage]
    config = _config(lineage)
    config.attributes["version_schema"] = schema
    watched.scrub()
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.migrate', 0))"))
            if schema != "public":
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def newest(lineage: Lineage) -> str:
    """The revision that this program needs, without a database."""
    return str(ScriptDirectory.from_config(_config(lineage)).get_current_head())


def _config(lineage: Lineage) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_FOLDER / lineage).replace("%", "%%"))
    return config
