"""``hutong node run``, the program itself: it opens no port, and outlives whatever it needs being away."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import URL, make_url

from exchange.agent import turn
from exchange.node import Node
from tests.sim.checker import SmallChecker
from tests.sim.town import Town

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def _agent(town: Town, name: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    (home / "nodes").mkdir(parents=True)
    (home / "nodes" / name).symlink_to(town.homes[name])
    command = [sys.executable, "-m", "hutong", "node", "run", name, "--every", "1"]
    environment = {"PATH": os.environ["PATH"], "HUTONG_HOME": str(home), "HOME": str(home)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def _heard(worker: subprocess.Popen[str], word: str) -> None:
    """Read on until it has said this."""
    assert worker.stderr is not None
    said = []
    for line in worker.stderr:
        said.append(line)
        if word in line:
            return
    pytest.fail("".join(said))


def _listening(pid: int) -> list[str]:
    """The TCP ports on which a process listens: its sockets among the kernel's in state LISTEN (0A)."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            inodes |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and inode in inodes:
                found.append(local)
    return found


@contextlib.contextmanager
def _away(database: str, cluster: URL) -> Iterator[None]:
    """The server ends a database's sessions and takes no new ones, as while it is restarted."""
    name = make_url(database).database
    plain = cluster.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")


def _turn(node: Node) -> tuple[str, ...]:
    return tuple(trouble.code for trouble in turn(node, SmallChecker(), node.now()).troubles)


def test_it_calls_out_only_and_outlives_its_database(own_town: Town, tmp_path: Path, cluster_url: URL) -> None:
    route = own_town.route()
    with _agent(own_town, "gongan", tmp_path / "home") as worker, own_town.node("renshe") as consumer:
        _heard(worker, "WAITING_FOR_RECEIPT")
        assert _listening(worker.pid) == []
        assert _listening(os.getpid()) != []  # directory and relay, which are this process: they are seen there
        with _away(own_town.databases["gongan"], cluster_url):
            _heard(worker, "LEDGER_DOWN")
        assert _turn(consumer) == ()
        _heard(worker, "closed")
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate()
    assert worker.returncode == 143
    assert "Traceback" not in said
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_a_turn_without_its_database_says_so_and_the_next_goes_on(own_town: Town, cluster_url: URL) -> None:
    route = own_town.route()
    with own_town.node("gongan") as node:
        with _away(own_town.databases["gongan"], cluster_url):
            assert _turn(node) == ("LEDGER_DOWN",)
        assert _turn(node) == ()
    assert route.batch("gongan", 1).state == "stored"
