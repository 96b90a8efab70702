"""Every night from two to five, every ten minutes: 三方对账 of the routes of each node of this machine.

The first turn begins what is due, the others answer: each end has its turn, as often as the tree has levels. Only the
node's name travels between tasks; what differs is a result, told to the directory, and fails nothing here.
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, dag, task

from pipelines import tasks
from pipelines.settings import PipelinesSettings


@dag(
    dag_id="nightly_reconcile",
    schedule=CronTriggerTimetable("*/10 2-5 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=2), "execution_timeout": timedelta(hours=2)},
    tags=["hutong"],
    doc_md=__doc__,
)
def nightly_reconcile() -> None:
    """The order of the tasks."""

    @task
    def nodes() -> list[str]:
        return tasks.node_names(PipelinesSettings().nodes_folder)

    @task(map_index_template="{{ task.op_kwargs['node'] }}")
    def reconcile(node: str) -> int:
        return tasks.reconcile_routes(PipelinesSettings().nodes_folder, node)

    reconcile.expand(node=nodes())


nightly: DAG = nightly_reconcile()
