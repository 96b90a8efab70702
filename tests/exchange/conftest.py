"""The town most exchange tests share, and one of its own for tests that break something everybody needs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from exchange.migrate import migrate
from tests.sim.pair import Pair
from tests.sim.town import Town, built

Databases = Callable[[], AbstractContextManager[Callable[[], str]]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Town]:
    """A file's tests share it: each makes a route of its own. With every route the nodes have more feed to read, so
    that one town for all files would be slower than new ones.
    """
    with databases() as new_database, built(tmp_path_factory.mktemp("town"), new_database) as made:
        yield made


@pytest.fixture(scope="session")
def ends(new_database: Callable[[], str]) -> tuple[str, str]:
    """A department's database to send from and one to send to, without nodes."""
    source_url, target_url = new_database(), new_database()
    for url in (source_url, target_url):
        migrate(url, "target")
    return source_url, target_url


@pytest.fixture
def pair(ends: tuple[str, str]) -> Pair:
    """Five rows that are at both ends already."""
    made = Pair.made(*ends)
    made.insert(1, 2, 3, 4, 5)
    made.rest()
    made.require("full", "first")
    return made


@pytest.fixture
def own_town(tmp_path: Path, databases: Databases) -> Iterator[Town]:
    """For one test alone."""
    with databases() as new_database, built(tmp_path, new_database) as made:
        yield made
