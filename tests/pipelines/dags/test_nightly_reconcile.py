"""The DAG of the reconciliations as Airflow reads it: one task a node, at night, never for the past."""

import json
import os
import subprocess
import sys
from pathlib import Path

DAGS = Path(__file__).parents[3] / "pipelines" / "dags"

# In a process of its own, because importing Airflow writes into its home and configures logging.
READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
import nightly_reconcile
dag = nightly_reconcile.nightly
print(json.dumps({
    "tasks": {task.task_id: [sorted(task.downstream_task_ids), task.is_mapped] for task in dag.tasks},
    "timetable": [str(dag.timetable.expression), str(dag.timetable.timezone)],
    "switches": [dag.catchup, dag.max_active_runs, dag.is_paused_upon_creation],
}))
"""


def test_the_dag(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(DAGS)],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "tasks": {"nodes": [["reconcile"], False], "reconcile": [[], True]},
        "timetable": ["*/10 2-5 * * *", "Asia/Shanghai"],
        "switches": [False, 1, False],
    }
