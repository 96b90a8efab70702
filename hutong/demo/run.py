"""The demo from beginning to end. Every step may be repeated: a second run finds what stands and goes on from there."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from directory.roles import Role
from exchange.node import Node
from exchange.peers.sync import sync
from exchange.probe.run import probe_all
from hutong.airflow import Airflow
from hutong.demo.catalogue import ENTRIES, WISHES, Entry, Wish
from hutong.demo.catalogue_story import Published, must_be_found, publish
from hutong.demo.city import DEPARTMENTS, OFFICE, RENSHE
from hutong.demo.leftovers import leave
from hutong.demo.nodes import Addresses, enrol_everybody, open_nodes
from hutong.demo.outcome import newest_batch, verify_audit
from hutong.demo.passwords import PasswordFile
from hutong.demo.people import People
from hutong.demo.real_data import WORKBOOK, entries_and_wishes
from hutong.demo.report import Compared, DemoReport
from hutong.demo.request_story import Granted, obtain
from hutong.demo.servers import HOST, directory_program, relay_program
from hutong.demo.setting_up import directory_settings, fill_departments, settle
from hutong.demo.sheets import compare
from hutong.home import Home
from hutong.installation import directory_database
from hutong.ports import require_free
from hutong.postgres import Cluster
from hutong.supervise import Supervisor
from metadata.access import Grant
from metadata.signed import Signed
from pipelines.settings import PipelinesSettings

DAG = "nightly_exchange"
RUN_SECONDS = 1800.0
TERM = timedelta(days=365)
CHINA = ZoneInfo("Asia/Shanghai")
_QUIET = frozenset({"none", "scheduled", "queued", "success", "skipped"})  # states that say nothing to a reader


@dataclass(frozen=True)
class DemoOptions:
    """What is asked for. ``data`` is a folder of real files; ``port`` the directory's, and the relay has 10 more."""

    data: Path | None = None
    port: int = 8000


class Demo:
    """One run over a running cluster. ``progress`` gets a line when a step begins or has something to say."""

    def __init__(
        self,
        home: Home,
        cluster: Cluster,
        supervisor: Supervisor,
        options: DemoOptions,
        progress: Callable[[str], None],
    ) -> None:
        more_entries, more_wishes = entries_and_wishes(options.data) if options.data else ((), ())
        self.home = home
        self.cluster = cluster
        self.supervisor = supervisor
        self.options = options
        self.progress = progress
        self.entries: tuple[Entry, ...] = ENTRIES + more_entries
        self.wishes: tuple[Wish, ...] = WISHES + more_wishes
        self.url = f"http://{HOST}:{options.port}"
        self.relay_port = options.port + 10
        self.sheets = home.folder("demo")
        self.passwords = PasswordFile(self.sheets / "passwords.json")
        self.address = directory_database(cluster)
        self.settings = directory_settings(home.path, self.address, self.url)
        self.seconds: dict[str, float] = {}

    def run(self) -> DemoReport:
        """Everything up to the report; directory and relay go on running until the supervisor stops them."""
        started = time.monotonic()
        require_free(HOST, self.options.port)
        require_free(HOST, self.relay_port)
        starter = ThreadPoolExecutor(1, "airflow")
        with ExitStack() as stack:
            stack.callback(starter.shutdown, wait=False)  # after a failure the supervisor ends what it waits for
            airflow = starter.submit(self._start_airflow)
            people = stack.enter_context(People(self.url, self.passwords))
            granted = self._prepare(people)
            if self.options.data is not None:
                with self._step("导入真实目录工作簿"):
                    self._import_workbook(people, self.options.data / WORKBOOK)
            with self._step("Airflow 执行交换"):
                self._exchange(airflow)
            with self._step("各节点探测挂接"):
                self._probe()
            grants = [_grant(people, each) for each in granted]
            with self._step("三方对账，写出对账单"), self._nodes() as nodes:
                compared = compare(grants, nodes, self.sheets)
            with self._step("两端逐值比较，核验审计日志"):
                return self._report(people, granted, started, compared)

    def verify(self) -> DemoReport:
        """Run no exchange: reconcile and verify what an earlier run left."""
        started = time.monotonic()
        require_free(HOST, self.options.port)
        with ExitStack() as stack:
            people = stack.enter_context(People(self.url, self.passwords))
            with self._step("启动目录"):
                self._start_directory()
            granted = self._tell_story(people, self._publish(people))
            with self._step("两端逐值比较，核验审计日志"):
                return self._report(people, granted, started)

    def _prepare(self, people: People) -> list[Granted]:
        """City, nodes, catalogue, grants, and what is left on the desks; Airflow starts meanwhile."""
        with self._step("迁移目录库，登记部门与账号"):
            settle(self.settings, self.passwords)
        with self._step("生成各部门的源表"):
            counts = fill_departments(self.cluster, self.entries)
            self.progress("  " + "，".join(f"{name} {count:,} 行" for name, count in counts.items()))
        with self._step("启动目录，登记节点与中继"):
            self._start_directory()
            fingerprint = people.client(OFFICE, Role.SYSTEM_ADMIN).get("/api/v1/directory-key")["fingerprint"]
            addresses = Addresses(self.url, f"http://{HOST}:{self.relay_port}", fingerprint)
            enrol_everybody(self.home, self.cluster, people, addresses)
            relay = self.supervisor.start(relay_program(self.home, self.relay_port))
            self.supervisor.wait_ready(relay)
        published = self._publish(people)
        granted = self._tell_story(people, published)
        with self._step("给各岗位留几件待办"):
            today = self._today()
            leave(people, published, today, today + TERM)
        return granted

    def _start_directory(self) -> None:
        program = directory_program(self.home, self.address.url, self.options.port)
        self.supervisor.wait_ready(self.supervisor.start(program))

    def _publish(self, people: People) -> dict[str, Published]:
        published = {}
        with self._step("编目、评估、审核、发布"):
            for entry in self.entries:
                published[entry.title] = publish(people, entry, self._today())
            for each in published.values():
                must_be_found(people, each)
        return published

    def _tell_story(self, people: People, published: dict[str, Published]) -> list[Granted]:
        until = self._today() + TERM
        with self._step("申请、受理、答复、会签"), self._nodes() as nodes:
            return [
                obtain(people, wish, published[wish.entry.title], until, nodes[wish.entry.provider.name])
                for wish in self.wishes
            ]

    def _import_workbook(self, people: People, file: Path) -> None:
        answer = people.client(OFFICE, Role.OFFICE_REVIEWER).upload(
            "/api/v1/resources/import", file.name, file.read_bytes(), {"dry_run": "false", "without_broken": "true"}
        )
        doubtful = sum(1 for finding in answer["findings"] if finding["severity"] == "error")
        self.progress(
            f"  {file.name}：{answer['rows']:,} 行，新增 {answer['added']:,} 条草稿，"
            f"未变 {answer['unchanged']:,} 条，{doubtful:,} 格不能采用，留空"
        )

    def _start_airflow(self) -> Airflow:
        settings = PipelinesSettings(home=self.home.path)
        database = self.cluster.ensure_database("airflow")
        airflow = Airflow(self.home, database, settings, preferred_port=self.options.port + 80)
        airflow.migrate()
        self.supervisor.wait_ready(*airflow.start(self.supervisor))
        airflow.wait_for_dag(DAG)
        return airflow

    def _exchange(self, starting: "Future[Airflow]") -> None:
        airflow = starting.result()
        try:
            run_id = airflow.trigger(DAG, {"force": True})
            self.progress(f"  Airflow 运行 {run_id}")
            run = airflow.wait(DAG, run_id, RUN_SECONDS, self._tell_tasks)
        finally:
            airflow.close()
        if not run.is_success:
            failed = "、".join(f"{task.task_id} {task.label}".strip() for task in run.tasks if task.state == "failed")
            self.progress(f"  有任务失败：{failed}；原因见下表与 hutong exchange status")

    def _probe(self) -> None:
        """Each node looks at its mounts and tells the directory, so that the rates say something."""
        with self._nodes() as nodes:
            found = [probe for node in nodes.values() for probe in probe_all(node)[0]]
        good = sum(1 for probe in found if probe.is_reachable and probe.is_matching)
        self.progress(f"  {len(found)} 处挂接，{good} 处可读且与目录一致")

    def _tell_tasks(self, counts: "Counter[str]") -> None:
        others = "，".join(f"{name} {count}" for name, count in sorted(counts.items()) if name not in _QUIET)
        self.progress(f"  任务：{counts['success']} 个完成" + (f"，{others}" if others else ""))

    @staticmethod
    def _today() -> date:
        return datetime.now(CHINA).date()

    @contextmanager
    def _nodes(self) -> Iterator[dict[str, Node]]:
        with ExitStack() as opened:
            yield {name: opened.enter_context(node) for name, node in open_nodes(self.home).items()}

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.progress(name)
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        self.progress(f"  {self.seconds[name]:.1f} 秒")

    def _report(
        self, people: People, granted: list[Granted], started: float, compared: tuple[Compared, ...] = ()
    ) -> DemoReport:
        """Computed from what stands in the databases now."""
        with self._nodes() as nodes:
            for node in nodes.values():
                sync(node)
            grants = [_grant(people, each) for each in granted]
            found = [
                newest_batch(grant, nodes[grant.provider.node_id], nodes[grant.consumer.node_id]) for grant in grants
            ]
        batches = tuple(batch for batch in found if batch is not None)
        everything = people.client(OFFICE, Role.OFFICE_REVIEWER).get("/api/v1/resources", size=1)
        published = people.client(RENSHE, Role.REQUESTER).get("/api/v1/resources", size=1)  # holds no drafts itself
        return DemoReport(
            version=version("hutong"),
            seconds=round(time.monotonic() - started, 1),
            departments=len(DEPARTMENTS),
            resources={
                "registered": everything["total"],
                "published": published["total"],
                "by_library": {bucket["value"]: bucket["count"] for bucket in published["facets"]["library"]},
            },
            requests=len(granted),
            grants=len(grants),
            batches=batches,
            queries=0,
            reconciled=len(batches) == len(grants) and all(batch.is_equal for batch in batches),
            audit=verify_audit(self.settings),
            reconciliations=compared,
            due=tuple(
                {
                    "title": each.published.entry.title,
                    "reply_due_on": each.reply_due_on.isoformat(),
                    "provide_by_on": each.provide_by_on.isoformat(),
                }
                for each in granted
            ),
            seconds_by_step={name: round(took, 1) for name, took in self.seconds.items()},
        )


def _grant(people: People, granted: Granted) -> Grant:
    """The grant as the directory shows it to the requester."""
    shown = people.client(granted.wish.requester, Role.REQUESTER).get(f"/api/v1/grants/{granted.grant_id}")["grant"]
    return Grant.from_bytes(Signed.model_validate(shown).payload_bytes())
