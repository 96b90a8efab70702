"""The demo city, built once for all stories by the command a user would type, and served while they run."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from hutong.home import open_home
from hutong.postgres import Cluster
from tests.sim import forked

START_SECONDS = 900


def _free_port() -> int:
    """A port whose neighbour 10 above is free too, since the relay takes that."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 10))
            except (OSError, OverflowError):
                continue
            return port


@dataclass
class City:
    """The served demo: its address, home, first report, and hands to reach into it."""

    url: str
    home: Path
    report: dict[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HUTONG_HOME": str(self.home)}

    def hutong(self, *arguments: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as a user would; ``more`` are environment variables."""
        done = forked.hutong(*arguments, environment=self.environment | more)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def batches(self) -> list[dict[str, Any]]:
        """All batches of all nodes, as ``hutong exchange status`` tells them."""
        told = json.loads(self.hutong("exchange", "status", "--all", "--json").stdout)
        found: list[dict[str, Any]] = told["batches"]
        return found

    def newest(self, route: str, node: str) -> dict[str, Any]:
        """The newest batch of a route at one node."""
        return max(
            (batch for batch in self.batches() if (batch["route_id"], batch["node_id"]) == (route, node)),
            key=lambda batch: batch["seq"],
        )

    def rows(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """What a query gives in one of the city's databases."""
        with self.database(database) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def verify(self, folder: Path) -> dict[str, Any]:
        """A fresh report of what stands, by ``hutong demo --verify``."""
        out = folder / "verify.json"
        done = self.hutong("demo", "--verify", "--port", str(_free_port()), "--report", str(out), check=False)
        assert out.exists(), done.stderr
        report: dict[str, Any] = json.loads(out.read_text())
        assert (done.returncode == 0) == (report["reconciled"] and report["audit"]["verified"])
        return report

    def password(self, username: str) -> str:
        return str(json.loads((self.home / "demo" / "passwords.json").read_text())[username])

    @contextmanager
    def signed_in(self, username: str) -> Iterator[httpx.Client]:
        """An API client with the account's token."""
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            answer = client.post("/api/v1/session", json={"username": username, "password": self.password(username)})
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            yield client

    @contextmanager
    def database(self, name: str, role: str | None = None) -> Iterator["psycopg2.extensions.cursor"]:
        """A cursor in one of the city's databases, as its own role or another; committed at the end."""
        cluster = Cluster(open_home(self.environment))
        url = cluster.superuser_url(name) if role == "postgres" else cluster.role_url(role or name, name)
        connection = psycopg2.connect(url.replace("postgresql+psycopg2", "postgresql", 1))
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def batch(self, title: str) -> dict[str, Any]:
        """The report's batch of a resource."""
        return next(batch for batch in self.report["batches"] if batch["resource"] == title)


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    home, report, log = folder / "home", folder / "report.json", folder / "demo.log"
    port = _free_port()
    with log.open("wb") as sink:
        demo = subprocess.Popen(
            [sys.executable, "-m", "hutong", "demo", "--report", str(report), "--port", str(port)],
            env={**os.environ, "HUTONG_HOME": str(home)},
            stdout=sink,
            stderr=sink,
        )
    try:
        end = time.monotonic() + START_SECONDS
        while not (report.exists() and report.stat().st_size):
            assert demo.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            with suppress(subprocess.TimeoutExpired):
                demo.wait(1)
        yield City(f"http://127.0.0.1:{port}", home, json.loads(report.read_text()))
    finally:
        demo.terminate()  # not SIGINT: a shell's background jobs, and what they start, ignore that one
        demo.wait(120)
        # As root the cluster lies outside pytest's folder, which the dropped user may not enter.
        shutil.rmtree(Cluster(open_home({"HUTONG_HOME": str(home)})).place, ignore_errors=True)
