"""F39 and F40 with Airflow's own servers: the scheduler dies by kill -9 while its worker lives on and stands in the
middle of a step; another scheduler takes over; then what has succeeded is cleared twice. For ``make bar-faults``.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hutong.airflow import Airflow
from hutong.airflow_settings import load_secrets
from hutong.home import open_home
from hutong.supervise import Program, Supervisor
from pipelines.settings import PipelinesSettings
from tests.exchange.faults.matrix import marks
from tests.sim.town import Route, Town, built

DAG = "nightly_exchange"
SECONDS = 600.0

pytestmark = pytest.mark.skipif("HUTONG_SCHEDULER" not in os.environ, reason="for make bar-faults (HUTONG_SCHEDULER)")


@pytest.fixture
def town(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Town]:
    """Its nodes' homes lie where the pipelines look for them."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    with built(folder, new_database) as made:
        yield made


class Scheduler:
    """One scheduler and its workers, without the warden that would end them all together."""

    def __init__(self, airflow: Airflow, log: Path, **more: str) -> None:
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "scheduler", "--skip-serve-logs"],
                env=airflow.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        self._left: list[int] = []

    def stopped(self) -> int:
        """Wait for a task that has stopped itself at a failpoint; its process."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None
            found = [pid for pid, state in descendants(self._process.pid).items() if state == "T"]
            if found:
                return found[0]
            time.sleep(0.2)
        raise AssertionError("no task came to the point")

    def kill(self) -> None:
        """kill -9 of the scheduler alone."""
        self._left = [os.pidfd_open(pid) for pid in descendants(self._process.pid)]
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """And of all that it has left behind."""
        if self._process.poll() is None:
            self.kill()
        for left in self._left:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(left, signal.SIGKILL)
            os.close(left)


def descendants(root: int) -> dict[int, str]:
    """The processes below one, with their states."""
    parents, states = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            parents[int(folder.name)], states[int(folder.name)] = int(parent), state
    found: dict[int, str] = {}
    for pid in parents:
        above = pid
        while above in parents and above != root:
            above = parents[above]
        if above == root and pid != root:
            found[pid] = states[pid]
    return found


def clear(airflow: Airflow, run_id: str) -> None:
    """The tasks that drive batches, as a person does in Airflow's pages; they have all succeeded."""
    cleared = {"dry_run": False, "dag_run_id": run_id, "only_failed": False, "reset_dag_runs": True}
    with httpx.Client(base_url=airflow.url, timeout=60, trust_env=False) as client:
        answer = client.post(
            "/auth/token", json={"username": "hutong", "password": load_secrets(airflow.folder).password}
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        answer = client.post(
            f"/api/v2/dags/{DAG}/clearTaskInstances",
            json=cleared | {"task_ids": ["send", "receive", "close"]},
        )
        assert answer.is_success, answer.text


def require_once(town: Town, route: Route) -> None:
    assert (route.batch("gongan", 1).state, route.batch("renshe", 1).state) == ("closed", "closed")
    assert marks(route) == [1]
    told = [(entry.subject, entry.action) for entry in town.directory.audit.values()]
    assert told.count((f"{route.route_id}/1", "batch:apply")) == 1
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


@pytest.mark.timeout(3600)
def test_the_scheduler_dies_and_its_worker_lives_on(
    town: Town, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    home = open_home({"HUTONG_HOME": str(tmp_path)})
    airflow = Airflow(home, new_database(), PipelinesSettings(home=home.path), 9150)
    log, schedulers = home.folder("logs") / "scheduler.log", []
    try:
        with Supervisor(home.folder("logs")) as supervisor:
            airflow.migrate()
            for name in ("api-server", "dag-processor"):
                command = [sys.executable, "-m", "airflow", name]
                supervisor.start(Program(f"airflow-{name}", command, airflow.environment, lambda: True))
            armed = {"HUTONG_FAILPOINT": "apply.begun:pause", "HUTONG_ALLOW_FAILPOINTS": "1"}
            schedulers.append(Scheduler(airflow, log, **armed))
            wait_until_healthy(airflow)
            airflow.wait_for_dag(DAG, SECONDS)
            route = town.route()
            run_id = airflow.trigger(DAG, {"force": True})

            worker = schedulers[0].stopped()
            assert route.batch("renshe", 1).state == "checked"
            schedulers[0].kill()
            schedulers.append(Scheduler(airflow, log))
            os.kill(worker, signal.SIGCONT)
            run = airflow.wait(DAG, run_id, SECONDS)
            assert run.is_success, run
            require_once(town, route)

            for _ in range(2):
                clear(airflow, run_id)
                assert airflow.wait(DAG, run_id, SECONDS).is_success
                require_once(town, route)
    finally:
        for scheduler in schedulers:
            scheduler.end()
        airflow.close()


def wait_until_healthy(airflow: Airflow) -> None:
    end = time.monotonic() + SECONDS
    while not airflow.is_healthy():
        assert time.monotonic() < end
        time.sleep(0.5)
