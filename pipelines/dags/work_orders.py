"""Every five minutes: the nodes of this machine take the work orders that the office has given them, and answer.

A node that nobody has ordered anything costs one look at the feed. At most once is the ledger's doing, not a retry's;
what an order could not do stands in its signed answer, and fails nothing here.
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, dag, task

from pipelines import tasks
from pipelines.settings import PipelinesSettings


@dag(
    dag_id="work_orders",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 1, "retry_delay": timedelta(seconds=20), "execution_timeout": timedelta(hours=6)},
    tags=["hutong"],
    doc_md=__doc__,
)
def work_orders() -> None:
    """The order of the tasks."""

    @task
    def nodes() -> list[str]:
        return tasks.ordered(PipelinesSettings().nodes_folder)

    @task(map_index_template="{{ task.op_kwargs['node'] }}")
    def carry_out(node: str) -> int:
        # Seconds to import, and wanted only where there is an order: reading this file must stay quick.
        from pipelines.checks.run import GreatExpectationsChecker  # noqa: PLC0415

        return tasks.carry_out_orders(PipelinesSettings().nodes_folder, node, GreatExpectationsChecker())

    carry_out.expand(node=nodes())


orders: DAG = work_orders()
