"""A town on a PostgreSQL that may be killed: departments and relay on a cluster of its own, over wires that may break;
the two ledgers stay where the other tests' are.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from hutong.postgres import Cluster
from tests.sim.town import Town, built
from tests.sim.wire import Wire, wired


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Town]:
    """One a file: whoever plans or asks for arrivals does so for all routes there are, and these tests make many."""
    with built(tmp_path_factory.mktemp("town"), new_database) as made:
        yield made


@dataclass
class Frail:
    """The town, its cluster, and one wire to the departments' databases and one to the relay's."""

    town: Town
    cluster: Cluster
    departments: Wire
    relay: Wire

    def kill(self, *_: object) -> None:
        """kill -9 of every process of the cluster, as a power cut would."""
        for pid in self.cluster.postmaster.processes():
            os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """It recovers from its log."""
        self.cluster.start()


@pytest.fixture(scope="session")
def frail(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Frail]:
    cluster = Cluster(tmp_path_factory.mktemp("frail"))
    cluster.start()
    try:
        urls = {name: cluster.ensure_database(name) for name in ("relay", "gongan", "renshe")}
        with wired(urls["gongan"]) as departments, wired(urls["relay"]) as relay:
            # In the order in which a town asks for them: the relay's, then each node's ledger and department.
            wanted = iter(
                [relay.of(urls["relay"]), "", departments.of(urls["gongan"]), "", departments.of(urls["renshe"])]
            )
            with built(tmp_path_factory.mktemp("frail_town"), lambda: next(wanted) or new_database()) as town:
                yield Frail(town, cluster, departments, relay)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.place)  # as root it lies outside pytest's folder


@contextmanager
def rerouted(town: Town, name: str, old: str, new: str) -> Iterator[None]:
    """One node with another address in its settings: a wire, a line, or nowhere."""
    settings = town.homes[name] / "node.toml"
    text = settings.read_text()
    assert old in text
    settings.write_text(text.replace(old, new))
    try:
        yield
    finally:
        settings.write_text(text)
