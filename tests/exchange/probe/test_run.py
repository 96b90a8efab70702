"""All mounts of a node in one go, page after page; what fails is told of each, and stops no other."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from exchange.node import Node
from exchange.probe.run import probe_all, tasks
from exchange.settings import NodeSettings
from tests.exchange.probe.conftest import task
from tests.exchange.probe.test_table import mounted
from tests.sim.town import execute


def test_every_mount_once(node: Node, town: Any) -> None:
    town.directory.tasks = sorted(
        (
            mounted("gone_1"),
            task("file", path="../x"),
            mounted("gone_2"),
            task("service", url="http://x/"),
            mounted("y"),
        ),
        key=lambda each: each.resource_id,
    )
    town.directory.probes = []
    assert [each.resource_id for each in tasks(node)] == [each.resource_id for each in town.directory.tasks]
    told: list[str] = []
    found, accepted = probe_all(node, lambda probe: told.append(probe.problem))
    assert (len(found), accepted, town.directory.probes) == (5, 5, found)
    assert sorted(told) == ["MOUNT_GONE", "MOUNT_GONE", "MOUNT_GONE", "PATH_OUTSIDE", "SERVICE_HOST_REFUSED"]
    assert node.directory.send_probes(found) == 0  # an answer lost on the way does no harm


def test_a_ledger_of_before_there_were_probes_is_brought_up_to_date(
    node: Node, town: Any, new_database: Callable[[], str]
) -> None:
    old = new_database()
    _at_first_revision(old)
    node.settings = node.settings.model_copy(update={"database_url": old})
    town.directory.tasks = []
    assert probe_all(node) == ([], 0)
    assert execute(old, "SELECT count(*) FROM mount_state") == [(0,)]


def _at_first_revision(url: str) -> None:
    """A ledger as the first release made it."""
    first = import_module("exchange.migrations.node.0001_ledger")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        first.upgrade()
    execute(url, "CREATE TABLE hutong_version (version_num text PRIMARY KEY)")
    execute(url, "INSERT INTO hutong_version VALUES (%s)", (first.revision,))


def test_settings_survive_being_written(node: Node, town: Any) -> None:
    path = town.homes["gongan"] / "copy.toml"
    wanted = NodeSettings.model_validate(node.settings.model_dump() | {"service_networks": ("10.1.0.0/16",)})
    wanted.write(path)
    assert NodeSettings.read(path) == wanted
