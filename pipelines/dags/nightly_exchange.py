"""Every night at two: send what is due, receive what has arrived, close what was received.

Only names of batches travel between tasks. What says of itself that another try cannot help fails at once and is for a
person; the rest is tried again. A failure fails the run at its end and keeps no other route from its turn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from airflow.exceptions import AirflowFailException
from airflow.sdk import DAG, CronTriggerTimetable, Param, dag, get_current_context, task

from pipelines import tasks
from pipelines.settings import PipelinesSettings
from pipelines.tasks import Batch
from standards.errors import ExplainedError

BY_ROUTE = "{{ task.op_kwargs['batch']['route_id'] }}/{{ task.op_kwargs['batch']['seq'] }}"


@dag(
    dag_id="nightly_exchange",
    # With no start date and no patience for runs that were missed before it was known, the first is tonight's, not one
    # for last night that would at once stand in the way of whoever starts a run by hand.
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={"force": Param(False, type="boolean", description="不论是否到期，所有路由都交换一次")},
    default_args={"retries": 3, "retry_delay": timedelta(seconds=20), "execution_timeout": timedelta(hours=6)},
    tags=["hutong"],
    doc_md=__doc__,
)
def nightly_exchange() -> None:
    """The order of the tasks."""

    @task
    def plan() -> list[Batch]:
        is_forced = bool(get_current_context()["params"]["force"])
        with _explained():
            return tasks.due_batches(PipelinesSettings().nodes_folder, datetime.now(UTC), is_forced)

    @task(map_index_template=BY_ROUTE)
    def send(batch: Batch) -> None:
        _drive(batch)

    @task(trigger_rule="all_done")
    def arrivals() -> list[Batch]:
        with _explained():
            return tasks.arrived(PipelinesSettings().nodes_folder)

    @task(map_index_template=BY_ROUTE)
    def receive(batch: Batch) -> None:
        _drive(batch)

    @task(map_index_template=BY_ROUTE, trigger_rule="all_done")
    def close(batch: Batch) -> None:
        _drive(batch)

    @task(trigger_rule="all_done")
    def report() -> None:
        with _explained():
            tasks.sync_nodes(PipelinesSettings().nodes_folder)

    @task(trigger_rule="one_failed", retries=0)
    def fail_if_any_failed() -> None:
        raise AirflowFailException("有任务失败，见上")

    due = plan()
    sent = send.expand(batch=due)
    found = arrivals()
    received = receive.expand(batch=found)
    closed = close.expand(batch=due)
    reported = report()
    sent >> found
    received >> closed >> reported
    [due, sent, found, received, closed, reported] >> fail_if_any_failed()


def _drive(batch: Batch) -> None:
    # Seconds to import, and wanted only where rows are really checked: reading this file must stay quick.
    from pipelines.checks.run import GreatExpectationsChecker  # noqa: PLC0415

    run_id = str(get_current_context()["run_id"])
    with _explained():
        tasks.drive(PipelinesSettings().nodes_folder, batch, GreatExpectationsChecker(), run_id)


@contextmanager
def _explained() -> Iterator[None]:
    """Ours that another try cannot mend fail at once; all others are tried again."""
    try:
        yield
    except ExplainedError as error:
        if error.is_transient:
            raise
        raise AirflowFailException(str(error)) from error


nightly: DAG = nightly_exchange()
