"""Migrations: from nothing to the present, again, and by two at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from directory.migrate import migrate
from directory.settings import DirectorySettings


def test_migrating_twice_and_at_once(new_database: Callable[[], str], tmp_path: Path) -> None:
    settings = DirectorySettings(home=tmp_path, database_url=new_database())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [settings, settings]))
    migrate(settings)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        assert len(connection.execute(text("SELECT version_num FROM alembic_version")).all()) == 1
    engine.dispose()


def test_settings_come_from_the_environment_then_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "directory"
    folder.mkdir()
    (folder / "directory.toml").write_text('city_name = "互通市"\nsession_hours = 4\n', "utf-8")
    monkeypatch.setenv("HUTONG_SESSION_HOURS", "2")
    settings = DirectorySettings(home=tmp_path, database_url="postgresql+psycopg2:///x")
    assert (settings.city_name, settings.session_hours, settings.feed_valid_seconds) == ("互通市", 2, 60)
    assert settings.owner_url == settings.database_url
