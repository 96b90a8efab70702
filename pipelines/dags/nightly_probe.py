"""Every night at four: each node of this machine looks at the mounts that lie with it, and tells the directory.

One task a node, so that one whose department is away keeps no other from its turn. What is wrong with a mount is a
result, told to the directory, and fails nothing here.
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, dag, task

from pipelines import tasks
from pipelines.settings import PipelinesSettings


@dag(
    dag_id="nightly_probe",
    schedule=CronTriggerTimetable("0 4 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2), "execution_timeout": timedelta(hours=2)},
    tags=["hutong"],
    doc_md=__doc__,
)
def nightly_probe() -> None:
    """The order of the tasks."""

    @task
    def nodes() -> list[str]:
        return tasks.node_names(PipelinesSettings().nodes_folder)

    @task(map_index_template="{{ task.op_kwargs['node'] }}")
    def probe(node: str) -> int:
        return tasks.probe_mounts(PipelinesSettings().nodes_folder, node)

    probe.expand(node=nodes())


nightly: DAG = nightly_probe()
