"""A department's database with the demo's tables, and odd ones beside them."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.scan.source import open_source
from metadata.guessing import propose
from metadata.profile import TableProfile
from metadata.proposal import Proposal

TODAY = date(2026, 3, 2)


class Database:
    """One database: statements as its owner, profiles and proposals as a node's account sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, *statements: str) -> None:
        connection = psycopg2.connect(libpq_url(self.url))
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def profiles(self, *schemas: str) -> dict[str, TableProfile]:
        with open_source(self.url) as source:
            found = [source.profile(relation, TODAY) for relation in source.relations(schemas)]
        return {each.table: each for each in found if each is not None}

    def propose(self, table: str, *schemas: str) -> Proposal:
        return propose(self.profiles(*schemas)[table], "gongan", "11330100MB0000018X")


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> Database:
    return Database(new_database())


@pytest.fixture
def locked(database: Database) -> Iterator[Callable[[str], None]]:
    """Holds ACCESS EXCLUSIVE locks until the test ends."""
    held: list[Any] = []

    def lock(table: str) -> None:
        connection = psycopg2.connect(libpq_url(database.url))
        connection.cursor().execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        held.append(connection)

    yield lock
    for connection in held:
        connection.close()
