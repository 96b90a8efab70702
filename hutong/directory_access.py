"""The directory's database for one command: opened, brought up to date where it is ours, closed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from directory.db import make_engine
from directory.migrate import migrate
from directory.scanning import scanning_sessions
from directory.settings import DirectorySettings
from hutong.home import open_home
from hutong.installation import open_database


@dataclass(frozen=True)
class Opened:
    """The settings, and sessions of the service's role; a command's work is ``with opened.sessions.begin()``."""

    settings: DirectorySettings
    sessions: sessionmaker[Session]


@contextmanager
def open_directory() -> Iterator[Opened]:
    """The directory of this installation for as long as the block runs."""
    home = open_home()
    with open_database() as database:
        settings = DirectorySettings(home=home.path, database_url=database.url, migration_url=database.owner_url)
        if database.is_embedded:  # a database of one's own is migrated when its keeper says so: hutong migrate
            migrate(settings)
        engine = make_engine(settings.database_url)
        try:
            yield Opened(settings, scanning_sessions(engine, settings.scanner))
        finally:
            engine.dispose()
