"""The DAGs of probes, reconciliations and work orders as Airflow reads them: one task a node, never for the past."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[3] / "pipelines" / "dags"

# In a process of its own, because importing Airflow writes into its home and configures logging.
READ = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
(dag,) = [each for each in vars(module).values() if isinstance(each, module.DAG)]
print(json.dumps({
    "tasks": {task.task_id: [sorted(task.downstream_task_ids), task.is_mapped] for task in dag.tasks},
    "timetable": [str(dag.timetable.expression), str(dag.timetable.timezone)],
    "switches": [dag.catchup, dag.max_active_runs, dag.is_paused_upon_creation],
}))
"""


@pytest.mark.parametrize(
    ("module", "task", "schedule"),
    [
        ("nightly_probe", "probe", "0 4 * * *"),
        ("nightly_reconcile", "reconcile", "*/10 2-5 * * *"),
        ("work_orders", "carry_out", "*/5 * * * *"),
    ],
)
def test_the_dag(tmp_path: Path, module: str, task: str, schedule: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(DAGS), module],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "tasks": {"nodes": [[task], False], task: [[], True]},
        "timetable": [schedule, "Asia/Shanghai"],
        "switches": [False, 1, False],
    }
