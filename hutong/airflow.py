"""Airflow on this machine: its three servers as supervised children, and DAG runs started and watched over its API.

Airflow is the clock and the queue, nothing else: what a run does stands in ``pipelines/tasks.py``, and how far a batch
has come in the nodes' own databases. So nothing here is asked what happened to data, only whether tasks ended well.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from hutong.airflow_settings import USER, environment, load_secrets
from hutong.errors import HutongError
from hutong.home import Home
from hutong.ports import free_port
from hutong.supervise import Child, Program, Supervisor
from pipelines.settings import PipelinesSettings

FIRST_PORT = 8080
MIGRATE_SECONDS = 600.0
READY_SECONDS = 300.0
STOP_SECONDS = 5.0  # whatever a task was at, it may be killed there and done again
DAG_SECONDS = 120.0
POLL_SECONDS = 0.5
ENDED = frozenset({"success", "failed"})


@dataclass(frozen=True)
class TaskState:
    """One task of a run; ``label`` tells mapped tasks apart (route and sequence)."""

    task_id: str
    label: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """A DAG run as Airflow's own tables have it."""

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[TaskState, ...] = field(default=())

    @property
    def is_success(self) -> bool:
        return self.state == "success"


class Airflow:
    """This installation's Airflow over its own database (``database_url``), with files in ``HUTONG_HOME/airflow``."""

    def __init__(
        self, home: Home, database_url: str, settings: PipelinesSettings, preferred_port: int = FIRST_PORT
    ) -> None:
        self.folder = home.folder("airflow")
        self.port = free_port(preferred_port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(settings, self.folder, database_url, self.port)
        self._password = load_secrets(self.folder).password
        self._http = httpx.Client(base_url=self.url, timeout=30.0, trust_env=False)

    def close(self) -> None:
        """Give up the connection; the servers are the supervisor's."""
        self._http.close()

    def migrate(self) -> None:
        """Make or lift Airflow's tables; safe to repeat.

        :raises HutongError: AIRFLOW_FAILED with the last line it printed.
        """
        try:
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=MIGRATE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise HutongError("AIRFLOW_FAILED", what="db migrate", reason=f"> {MIGRATE_SECONDS:.0f} s") from error
        if done.returncode != 0:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            raise HutongError("AIRFLOW_FAILED", what="db migrate", reason=lines[-1] if lines else "-")

    def start(self, supervisor: Supervisor) -> list[Child]:
        """Start the API server, the scheduler and the DAG processor, without waiting for them."""
        parts = {"api-server": [], "scheduler": ["--skip-serve-logs"], "dag-processor": []}
        return [supervisor.start(self._program(name, options)) for name, options in parts.items()]

    def wait_for_dag(self, dag_id: str, seconds: float = DAG_SECONDS) -> None:
        """Wait until the DAG has been parsed and may run.

        :raises HutongError: AIRFLOW_FAILED with the import error, or that it did not appear.
        """
        end = time.monotonic() + seconds
        while True:
            errors = self._call("GET", "/api/v2/importErrors")["import_errors"]
            if errors:
                trace = str(errors[0]["stack_trace"]).strip().splitlines()
                raise HutongError("AIRFLOW_FAILED", what=errors[0]["filename"], reason=trace[-1] if trace else "-")
            if self._request("GET", f"/api/v2/dags/{dag_id}").status_code == httpx.codes.OK:
                return
            if time.monotonic() > end:
                raise HutongError(
                    "AIRFLOW_FAILED",
                    what=dag_id,
                    reason=f"{seconds:.0f} 秒内没有出现",
                    reason_en=f"not there after {seconds:.0f} s",
                )
            time.sleep(POLL_SECONDS)

    def trigger(self, dag_id: str, conf: Mapping[str, object]) -> str:
        """Start a run now; its id."""
        body = {"logical_date": None, "conf": dict(conf)}  # Airflow wants the date named even where there is none
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def wait(
        self, dag_id: str, run_id: str, seconds: float, on_progress: Callable[[Counter[str]], None] | None = None
    ) -> Run:
        """Wait for the end of a run, telling how many tasks are in which state whenever that changes.

        :raises HutongError: AIRFLOW_SLOW; the run goes on.
        """
        end = time.monotonic() + seconds
        last: Counter[str] | None = None
        while True:
            run = self.find(dag_id, run_id)
            counts = Counter(task.state for task in run.tasks)
            if on_progress is not None and counts != last:
                on_progress(counts)
            if run.state in ENDED:
                return run
            if time.monotonic() > end:
                raise HutongError("AIRFLOW_SLOW", run_id=run_id, seconds=round(seconds), url=self.url)
            last = counts
            time.sleep(POLL_SECONDS)

    def find(self, dag_id: str, run_id: str) -> Run:
        """A run and its tasks, from Airflow's tables."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        state = str(self._call("GET", path)["state"])
        tasks: list[TaskState] = []
        while True:
            page = self._call("GET", f"{path}/taskInstances?limit=100&offset={len(tasks)}")
            tasks += [_task(row) for row in page["task_instances"]]
            if len(tasks) >= page["total_entries"] or not page["task_instances"]:
                return Run(dag_id, run_id, state, tuple(tasks))

    def is_healthy(self) -> bool:
        """Whether all three servers have lately reported themselves in the database."""
        try:
            answer = self._http.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        parts = answer.json()
        return all(parts[name]["status"] == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))

    def _program(self, name: str, options: list[str]) -> Program:
        return Program(
            name=f"airflow-{name}",
            command=[sys.executable, "-m", "airflow", name, *options],
            environment=self.environment,
            is_ready=self.is_healthy,
            ready_seconds=READY_SECONDS,
            stop_seconds=STOP_SECONDS,
        )

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = self._request(method, path, body)
        if not answer.is_success:
            reason = f"{answer.status_code} {answer.text[:200]}"
            raise HutongError("AIRFLOW_FAILED", what=f"{method} {path.partition('?')[0]}", reason=reason)
        return answer.json()

    def _request(self, method: str, path: str, body: object = None) -> httpx.Response:
        if "Authorization" not in self._http.headers:
            self._sign_in()
        answer = self._http.request(method, path, json=body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # a token lives a day; the demo may serve longer
            self._sign_in()
            answer = self._http.request(method, path, json=body)
        return answer

    def _sign_in(self) -> None:
        answer = self._http.post("/auth/token", json={"username": USER, "password": self._password})
        if not answer.is_success:
            raise HutongError("AIRFLOW_FAILED", what="POST /auth/token", reason=str(answer.status_code))
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _task(row: Mapping[str, Any]) -> TaskState:
    label = row.get("rendered_map_index") or ("" if row["map_index"] < 0 else str(row["map_index"]))
    return TaskState(row["task_id"], label, row["state"] or "none", float(row["duration"] or 0.0))
