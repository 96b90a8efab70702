"""The DAG as Airflow reads it: order, schedule, and how quickly it is read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[3] / "pipelines" / "dags"

# In a process of its own, because importing Airflow writes into its home and configures logging.
READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
import nightly_exchange
dag = nightly_exchange.nightly
print(json.dumps({
    "loaded": [name for name in ("great_expectations", "pandas") if name in sys.modules],
    "tasks": {task.task_id: {
        "downstream": sorted(task.downstream_task_ids),
        "is_mapped": task.is_mapped,
        "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "retries": task.retries,
    } for task in dag.tasks},
    "catchup": dag.catchup,
    "timetable": [str(dag.timetable.expression), str(dag.timetable.timezone)],
    "max_active_runs": dag.max_active_runs,
    "is_paused": dag.is_paused_upon_creation,
    "force": dag.params["force"],
}))
"""


@pytest.fixture(scope="module")
def dag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(DAGS)],
        env={**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return read


def test_the_order_is_send_receive_close_report(dag: dict[str, Any]) -> None:
    order = {name: set(task["downstream"]) - {"fail_if_any_failed"} for name, task in dag["tasks"].items()}
    assert order["plan"] == {"send", "close"}
    assert order["send"] == {"arrivals"}
    assert order["arrivals"] == {"receive"}
    assert order["receive"] == {"close"}
    assert order["close"] == {"report"}
    assert order["report"] == set()


def test_one_task_a_batch(dag: dict[str, Any]) -> None:
    assert {name for name, task in dag["tasks"].items() if task["is_mapped"]} == {"send", "receive", "close"}


def test_a_failed_route_neither_stops_the_others_nor_hides(dag: dict[str, Any]) -> None:
    tasks = dag["tasks"]
    assert {tasks[name]["rule"] for name in ("arrivals", "close", "report")} == {"all_done"}
    watched = {name for name, task in tasks.items() if "fail_if_any_failed" in task["downstream"]}
    assert watched == set(tasks) - {"fail_if_any_failed"}
    assert tasks["fail_if_any_failed"]["rule"] == "one_failed"
    assert tasks["fail_if_any_failed"]["retries"] == 0


def test_every_night_at_two_in_china_and_never_for_the_past(dag: dict[str, Any]) -> None:
    assert dag["timetable"] == ["0 2 * * *", "Asia/Shanghai"]
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1
    assert dag["is_paused"] is False
    assert dag["force"] is False


def test_reading_the_file_loads_nothing_heavy(dag: dict[str, Any]) -> None:
    assert dag["loaded"] == []
