"""The calendar table: filled once, then the administrators'."""

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from directory.clock.queries import calendar
from directory.clock.seed import notice_days, seed
from directory.migrate import migrate
from directory.settings import DirectorySettings


def test_migrating_again_leaves_the_administrators_days_alone(directory_settings: DirectorySettings) -> None:
    engine = create_engine(directory_settings.owner_url)
    try:
        with engine.begin() as connection:
            assert seed(connection) == 0  # the fixture's migration has filled it
            assert connection.scalar(text("SELECT count(*) FROM calendar_day")) == len(notice_days())
            connection.execute(text("DELETE FROM calendar_day WHERE day = '2026-10-01'"))
            connection.execute(text("DELETE FROM calendar_year WHERE year = 2004"))
        migrate(directory_settings)
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM calendar_day WHERE day = '2026-10-01'")) == 0
            assert connection.scalar(text("SELECT count(*) FROM calendar_year")) == 23
    finally:
        engine.dispose()


def test_the_table_reads_back_as_the_calendar(session: Session) -> None:
    days = calendar(session)
    assert days.years >= set(range(2004, 2027))
    assert not days.off_days & days.make_up_days
