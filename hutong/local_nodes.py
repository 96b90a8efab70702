"""The exchange nodes whose homes are on this machine, and the databases they need."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.node import SETTINGS_FILE, Node
from hutong.home import Home, open_home
from hutong.postgres import Cluster


def nodes_folder(home: Home) -> Path:
    """``HUTONG_HOME/nodes``: one folder a node."""
    return home.path / "nodes"


def node_names(home: Home) -> list[str]:
    """The nodes that were registered here."""
    return sorted(path.parent.name for path in nodes_folder(home).glob(f"*/{SETTINGS_FILE}"))


@contextmanager
def databases(home: Home) -> Iterator[Cluster | None]:
    """The embedded PostgreSQL for as long as the block runs, where there is one; nodes may have databases elsewhere."""
    with Cluster(home).running() if (home.path / "postgres").is_dir() else nullcontext() as cluster:
        yield cluster


@contextmanager
def open_nodes(only: str = "") -> Iterator[list[Node]]:
    """All nodes of this machine, or the one named. Raises ``NODE_MISSING`` when there is none."""
    home = open_home()
    names = [only] if only else node_names(home)
    if not names:
        raise ExchangeError("NODE_MISSING", path=nodes_folder(home))
    opened: list[Node] = []
    with databases(home):
        try:
            for name in names:
                opened.append(Node.open(nodes_folder(home) / name))
            yield opened
        finally:
            for node in opened:
                node.close()


@contextmanager
def open_node(name: str) -> Iterator[Node]:
    """One node of this machine; with an empty name, the only one there is."""
    names = [name] if name else node_names(open_home())
    if len(names) > 1:
        raise ExchangeError("NODE_UNNAMED", names=names)
    with open_nodes(name) as nodes:
        yield nodes[0]
