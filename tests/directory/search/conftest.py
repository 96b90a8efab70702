"""An editor's department, an index over the test's database, and entries written without the HTTP round trip."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from psycopg2.extensions import cursor
from sqlalchemy import Engine, create_engine, event

from directory.actors import Actor
from directory.resources.register import register
from directory.roles import Role
from directory.search.asking import SearchQuery
from directory.search.index import SearchIndex
from directory.search.queries import SearchPage, search
from directory.settings import DirectorySettings
from metadata.resource import Resource


@dataclass(frozen=True)
class Shelf:
    """A department's entries and somebody of it who looks for them."""

    app: FastAPI
    settings: DirectorySettings
    folder: Path
    editor: Actor
    opened: list[SearchIndex] = field(default_factory=list)

    def add(self, *titles: str, **fields: Any) -> list[str]:
        """Drafts with these titles, in one transaction; their ids."""
        with self.app.state.sessions.begin() as session:
            return [
                str(
                    register(session, self.editor, self.record(title, **fields), self.settings.classes, _now()).entry.id
                )
                for title in titles
            ]

    def record(self, title: str, **fields: Any) -> Resource:
        given = {"title": title, "provider": {"name": self.editor.org_name, "code": self.editor.org_code}}
        return Resource.model_validate(given | fields)

    def index(self) -> SearchIndex:
        """The index as another process would open it."""
        return SearchIndex(self.folder, self.app.state.sessions)

    def kept_index(self) -> SearchIndex:
        """One index for a whole module: opening one anew compares it with the database each time."""
        if not self.opened:
            self.opened.append(self.index())
        return self.opened[0]

    def ask(self, index: SearchIndex, actor: Actor, query: SearchQuery) -> SearchPage:
        with self.app.state.sessions.begin() as session:
            return search(session, index, actor, query)

    def owner(self) -> Engine:
        """The database as its owner, who may write what the application may not."""
        return create_engine(self.settings.owner_url)

    def find(self, q: str, *, actor: Actor | None = None, index: SearchIndex | None = None, **asked: Any) -> SearchPage:
        with self.app.state.sessions.begin() as session:
            query = SearchQuery(q=q, **asked)
            return search(session, index or self.index(), actor or self.editor, query)

    def titles(self, q: str, **asked: Any) -> list[str]:
        return [item.title for item in self.find(q, size=100, **asked).items]


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def shelf(
    directory_app: FastAPI, directory_settings: DirectorySettings, city: Any, tmp_path_factory: pytest.TempPathFactory
) -> Shelf:
    editor = city.person(city.organisation(), Role.EDITOR).actor
    return Shelf(directory_app, directory_settings, tmp_path_factory.mktemp("search"), editor)


@pytest.fixture
def statements() -> Callable[[Engine], AbstractContextManager[list[str]]]:
    """Collects what the driver is told meanwhile over an engine's connections, by whichever layer."""

    @contextmanager
    def collecting(engine: Engine) -> Iterator[list[str]]:
        seen: list[str] = []

        class Noting(cursor):  # type: ignore[misc]  # the driver says nothing of its types
            def execute(self, query: Any, given: Any = None) -> None:
                seen.append(str(query))
                super().execute(query, given)

        def lend(connection: Any, *rest: Any) -> None:
            connection.cursor_factory = Noting

        def take_back(connection: Any, record: Any) -> None:
            connection.cursor_factory = cursor

        event.listen(engine, "checkout", lend)
        event.listen(engine, "checkin", take_back)
        try:
            yield seen
        finally:
            event.remove(engine, "checkout", lend)
            event.remove(engine, "checkin", take_back)

    return collecting
