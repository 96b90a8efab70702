"""One town whose nodes reach the relay only through its hostile double."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.sim.hostile import hostile
from tests.sim.lane import Lanes
from tests.sim.town import built


@pytest.fixture(scope="module")
def lanes(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Lanes]:
    with ExitStack() as stack:
        town = stack.enter_context(built(tmp_path_factory.mktemp("hostile"), new_database))
        relay = stack.enter_context(hostile(town.relay_url))
        yield stack.enter_context(Lanes.over(town, relay))


@pytest.fixture(autouse=True)
def honest_again(lanes: Lanes) -> Iterator[None]:
    """No lie outlives its test."""
    yield
    assert lanes.relay is not None
    lanes.relay.lie = None
