"""One town and one zygote for all campaigns."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.sim.lane import Lanes
from tests.sim.town import built
from tests.sim.zygote import Zygote


@pytest.fixture(scope="package")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with Zygote(tmp_path_factory.mktemp("zygote")) as made:
        yield made


@pytest.fixture(scope="package")
def lanes(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Lanes]:
    with ExitStack() as stack:
        town = stack.enter_context(built(tmp_path_factory.mktemp("campaign"), new_database))
        yield stack.enter_context(Lanes.over(town))
