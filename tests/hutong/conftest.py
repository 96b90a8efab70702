"""Homes and clusters of a test's own; nothing of them is left on the machine."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hutong.home import Home, Limits, open_home
from hutong.postgres import Cluster


@pytest.fixture
def home() -> Iterator[Home]:
    """A fresh home where the user that PostgreSQL drops to can enter it (pytest's own folders are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="hutong-test-", dir="/tmp"))
    try:
        yield open_home({"HUTONG_HOME": str(folder)})
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def make_cluster(home: Home) -> Iterator[Callable[..., Cluster]]:
    """Clusters over the test's home; whatever runs at the end is stopped."""

    def make(limits: Limits | None = None) -> Cluster:
        return Cluster(home, limits)

    yield make
    make().stop()


@pytest.fixture
def cluster(make_cluster: Callable[..., Cluster]) -> Cluster:
    """One running cluster."""
    cluster = make_cluster()
    cluster.start()
    return cluster
