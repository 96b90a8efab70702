"""Rows that are gathered are written together at the end, all of them or none; within a savepoint nothing waits."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from directory.audit.models import AuditOut
from directory.clock.models import CalendarYear
from directory.db import Base, make_engine
from directory.statements.gather import gathered, insert_rows, settle, write

INTO = insert(Base.metadata.tables[AuditOut.__tablename__]).inline()


@pytest.fixture
def session(directory_app: Any, directory_settings: Any) -> Iterator[Session]:
    engine: Engine = make_engine(directory_settings.database_url)
    with Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def statements(session: Session) -> list[str]:
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        found.append(statement.split(maxsplit=1)[0])

    event.listen(session.connection(), "before_cursor_execute", note)
    return found


def give(session: Session, word: bytes) -> None:
    insert_rows(session, INTO, [{"event_id": uuid4(), "bytes": word}])


def given(session: Session) -> list[bytes]:
    query = text("SELECT bytes FROM audit_out WHERE length(bytes) < 8 ORDER BY n")
    with session.no_autoflush:
        return [bytes(each) for each in session.scalars(query)]


def test_without_a_gathering_rows_are_written_as_they_come(session: Session, statements: list[str]) -> None:
    give(session, b"one")
    assert given(session) == [b"one"]
    give(session, b"two")
    assert statements == ["INSERT", "SELECT", "INSERT"]


def test_gathered_rows_are_one_statement_in_their_order(session: Session, statements: list[str]) -> None:
    with gathered(session):
        for word in (b"one", b"two", b"three"):
            give(session, word)
        assert given(session) == []
    assert given(session) == [b"one", b"two", b"three"]
    assert statements == ["SELECT", "INSERT", "SELECT"]


def test_what_the_session_holds_is_written_before_them(session: Session, statements: list[str]) -> None:
    with gathered(session):
        give(session, b"one")
        session.add(CalendarYear(year=2190, source="测试"))
        settle(session)
        session.execute(text("SELECT 1"))  # asks nothing of what waits, and writes nothing of it
        assert statements == ["SELECT"]
    assert statements == ["SELECT", "INSERT", "INSERT"]
    settle(session)
    assert given(session) == [b"one"]


def test_nothing_is_written_of_what_ends_in_an_error(session: Session, statements: list[str]) -> None:
    with suppress(ZeroDivisionError), gathered(session):
        give(session, b"one")
        raise ZeroDivisionError
    assert given(session) == []
    give(session, b"two")
    assert given(session) == [b"two"]


def test_what_a_savepoint_undoes_is_not_written_later(session: Session) -> None:
    with gathered(session):
        give(session, b"one")
        with suppress(ZeroDivisionError), session.begin_nested():
            give(session, b"two")
            assert given(session) == [b"two"]
            raise ZeroDivisionError
        with session.begin_nested():
            give(session, b"three")
    assert sorted(given(session)) == [b"one", b"three"]


def test_what_waits_is_written_before_a_savepoint_where_it_is_asked_for(session: Session) -> None:
    with gathered(session):
        give(session, b"one")
        write(session)
        with session.begin_nested():
            give(session, b"two")
        give(session, b"three")
        assert given(session) == [b"one", b"two"]
    assert given(session) == [b"one", b"two", b"three"]


def test_a_gathering_may_be_within_a_savepoint(session: Session) -> None:
    with session.begin_nested() as nested:
        with gathered(session):
            give(session, b"one")
            assert given(session) == []
        assert given(session) == [b"one"]
        nested.rollback()
    assert given(session) == []
