"""What the first pages ask is ready before workers are forked; nothing is open then, and nothing depends on it."""

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event

from directory.app import create_app
from directory.process.warm import kinds, warm
from directory.roles import Role
from directory.worklist import requests


def test_pages_are_spelled_and_compiled(directory_app: FastAPI, directory_settings: Any, city: Any) -> None:
    org = city.organisation()
    for _ in range(2):
        city.person(org, Role.SHARING_LEAD)
    fresh, opened = create_app(directory_settings), list[Any]()
    event.listen(fresh.state.engine, "connect", lambda connection, record: opened.append(connection))
    with fresh.state.sessions() as session:
        assert kinds(session)[0] == {Role.SHARING_LEAD}
    requests._COUNTING._prepared.cache_clear()  # another test of this process may have asked as such a person
    warm(fresh, datetime.now(UTC))
    assert requests._COUNTING._prepared.cache_info().currsize > 0
    assert len(fresh.state.engine._compiled_cache) > 1
    assert opened
    assert all(connection.closed for connection in opened)


def test_without_a_database_nothing_is_warm(directory_settings: Any) -> None:
    away = directory_settings.model_copy(update={"database_url": "postgresql+psycopg2://nobody@/none?host=/nowhere"})
    app = create_app(away)
    warm(app, datetime.now(UTC))
    assert len(app.state.engine._compiled_cache) <= 1
