"""F39 and F40 with Airflow itself: killed with -9 in the middle of a step, run again, cleared and run once more."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from hutong.airflow_settings import environment
from pipelines.settings import PipelinesSettings
from tests.exchange.faults.matrix import marks
from tests.sim.town import Route, Town, built

pytestmark = pytest.mark.skipif("HUTONG_SCHEDULER" not in os.environ, reason="for make bar-faults (HUTONG_SCHEDULER)")

SECONDS = 600
DATE = "2026-01-05"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Town]:
    """Its nodes' homes lie where the pipelines look for them."""
    folder = tmp_path_factory.mktemp("home") / "nodes"
    folder.mkdir()
    with built(folder, new_database) as made:
        yield made


@pytest.fixture(scope="module")
def airflow(town: Town) -> dict[str, str]:
    """What Airflow's programs are started with, over tables in a file; nothing serves."""
    home = town.relay_home.parents[1]
    folder = home / "airflow"
    folder.mkdir()
    return environment(PipelinesSettings(home=home), folder, f"sqlite:///{folder}/airflow.db", 1)


# Airflow's own commands, one after the other in one process: its imports take longer than what is tested.
COMMANDS = """
import json, sys
from airflow.__main__ import main
for command in json.loads(sys.argv[1]):
    sys.argv = ["airflow", *command]
    main()
"""


def run(airflow: dict[str, str], *commands: list[str], point: str = "") -> int:
    """Scheduler and tasks are this one process, killed at the point; how it ended."""
    armed = {"HUTONG_FAILPOINT": point, "HUTONG_ALLOW_FAILPOINTS": "1"} if point else {}
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        env=airflow | armed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stdout[-3000:] + done.stderr[-3000:]
    return done.returncode


def whole(date: str, *, force: bool) -> list[str]:
    """The run of a date: a new one, or the one there is, with all its tasks cleared."""
    return ["dags", "test", "nightly_exchange", date, "--conf", json.dumps({"force": force})]


@pytest.mark.timeout(1200)
def test_killed_in_the_middle_of_a_step_then_run_again_and_cleared_after_success(
    town: Town, airflow: dict[str, str]
) -> None:
    """F39: one effect, whoever dies. F40: a task, and a whole run, once more after success: no effect at all.

    In the same Airflow the DAG of work orders carries out one.
    """
    route = town.route()
    assert run(airflow, ["db", "migrate"], whole(DATE, force=True), point="apply.merged") == -signal.SIGKILL
    assert (route.batch("gongan", 1).state, route.batch("renshe", 1).state) == ("stored", "checked")
    assert (marks(route), route.received_rows()) == ([], [])
    order_id = town.directory.order("gongan", "fsck")
    ended = run(
        airflow,
        ["dags", "test", "work_orders", DATE],
        whole(DATE, force=True),
        ["tasks", "test", "nightly_exchange", "receive", DATE, "--map-index", "0"],
        whole(DATE, force=False),
    )
    assert ended == 0
    batch = route.batch("renshe", 1)
    assert (route.batch("gongan", 1).state, batch.state) == ("closed", "closed")
    assert batch.run_id.startswith("manual__")
    assert marks(route) == [1]
    assert route.received_rows() == route.sent_rows()
    assert applied(town, route) == 1
    assert route.findings() == []
    answer = town.directory.order_results[order_id]
    assert (answer.outcome, answer.code) == ("done", "")


def applied(town: Town, route: Route) -> int:
    """How often the directory was told that the batch was applied."""
    told = [(entry.subject, entry.action) for entry in town.directory.audit.values()]
    return told.count((f"{route.route_id}/1", "batch:apply"))
