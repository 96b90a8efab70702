"""The town most exchange tests share, and one of its own for tests that break something everybody needs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.migrate import migrate
from tests.sim.pair import Pair
from tests.sim.town import Town, built


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Town]:
    """Shared: each test makes a route of its own."""
    with built(tmp_path_factory.mktemp("town"), new_database) as made:
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
def own_town(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Town]:
    """For one test alone."""
    with built(tmp_path, new_database) as made:
        yield made
