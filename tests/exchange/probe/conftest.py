"""Mounts of one node, each probed as the nightly run would."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from exchange.node import Node
from exchange.probe.run import probe
from metadata.probe import Probe, ProbeTask
from metadata.resource import Item, Mount


def task(
    kind: str, items: dict[str, str] | None = None, columns: dict[str, str] | None = None, **mount: Any
) -> ProbeTask:
    made = Mount.model_validate(
        {
            "mount_id": "m1",
            "kind": kind,
            "node": "gongan",
            "columns": [{"field": n, "column": n, "sql_type": t} for n, t in (columns or {}).items()],
        }
        | mount
    )
    described = tuple(Item(name=name, field=field) for field, name in (items or {}).items())
    return ProbeTask(resource_id=uuid4(), title="条目", mount=made, items=described)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder that the node serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


@pytest.fixture
def node(town: Any, served: Path) -> Iterator[Node]:
    """The node of gongan with a served folder and the names of this machine as service hosts."""
    with town.node("gongan") as opened:
        changes = {"served_folder": str(served), "service_hosts": ("localhost", "127.0.0.1", "[::1]")}
        opened.settings = opened.settings.model_copy(update=changes)
        yield opened


@pytest.fixture
def look(node: Node) -> Callable[[ProbeTask], Probe]:
    return lambda task: probe(node, task)
