"""The town most exchange tests share, and one of its own for tests that break something everybody needs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sim.town import Town, built


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Town]:
    """Shared: each test makes a route of its own."""
    with built(tmp_path_factory.mktemp("town"), new_database) as made:
        yield made


@pytest.fixture
def own_town(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Town]:
    """For one test alone."""
    with built(tmp_path, new_database) as made:
        yield made
