"""The demo's report: the JSON of DESIGN §5, and the same as a table a person can read."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from metadata.words import LIBRARIES

_STATES = {
    "due": "到期待发",
    "sealed": "已密封",
    "stored": "已存入中继",
    "fetched": "已取回",
    "verified": "已验签",
    "staged": "已暂存",
    "checked": "已检查",
    "applied": "已入库",
    "closed": "办结",
    "held": "暂候",
    "quarantined": "已隔离",
}


@dataclass(frozen=True)
class Checks:
    """How many rules ran at both ends, and how many found nothing."""

    run: int
    passed: int


@dataclass(frozen=True)
class Batch:
    """The newest batch of one route. ``changed_rows`` is what its application altered in the target."""

    route: str
    resource: str
    suite: str
    rows: int
    plain_bytes: int
    sealed_bytes: int
    seconds: float
    state: str
    airflow_run: str
    set_aside: int
    checks: Checks
    seq: int
    provider: str
    consumer: str
    changed_rows: int | None
    is_equal: bool
    code: str = ""


@dataclass(frozen=True)
class Compared:
    """What a route's two nodes have both signed when they compared rows (三方对账), and where its sheet lies.

    ``outcome`` is a key of ``metadata.reconciliation.OUTCOMES``; where there is none it is empty and ``code`` says why.
    """

    route: str
    resource: str
    outcome: str
    text: str
    sheet: str = ""
    code: str = ""


@dataclass(frozen=True)
class AuditResult:
    """The log's size and root as recomputed, and whether everything about it holds."""

    size: int
    root: str
    verified: bool
    problem: str = ""


@dataclass(frozen=True)
class DemoReport:
    """What the demo did and found; ``reconciled`` and ``audit.verified`` are computed from what stands there now.

    ``queries`` counts answers of the query gateway; there is none yet, so it is 0.
    """

    version: str
    seconds: float
    departments: int
    resources: dict[str, Any]
    requests: int
    grants: int
    batches: tuple[Batch, ...]
    queries: int
    reconciled: bool
    audit: AuditResult
    reconciliations: tuple[Compared, ...] = ()
    due: tuple[dict[str, str], ...] = ()
    trust_zone: str = "一台机器，一个信任域：Airflow 的工作进程能打开每个节点的密钥"
    seconds_by_step: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def show(report: DemoReport, console: Console) -> None:
    """Print the report for a person."""
    table = Table(title="路由与最近一批", title_justify="left", header_style="bold")
    for heading in ("路由", "资源"):
        table.add_column(heading, overflow="fold")
    for heading in ("行", "单列", "本次变动", "秒", "行/秒", "检查"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("状态", "两端"):
        table.add_column(heading, no_wrap=True)
    for batch in report.batches:
        rate = f"{batch.rows / batch.seconds:,.0f}" if batch.seconds else "–"
        table.add_row(
            f"{batch.provider} → {batch.consumer}",
            batch.resource,
            f"{batch.rows:,}",
            f"{batch.set_aside:,}",
            "–" if batch.changed_rows is None else f"{batch.changed_rows:,}",
            f"{batch.seconds:.1f}",
            rate,
            f"{batch.checks.passed}/{batch.checks.run}",
            _STATES.get(batch.state, batch.state) + (f" {batch.code}" if batch.code else ""),
            "相等" if batch.is_equal else "不等",
        )
    console.print(table)
    libraries = "，".join(f"{LIBRARIES[name]} {count}" for name, count in report.resources["by_library"].items())
    console.print(
        f"部门 {report.departments} 个；目录登记 {report.resources['registered']} 条，"
        f"发布 {report.resources['published']} 条（{libraries}）；申请 {report.requests} 件，授权 {report.grants} 件。"
    )
    for row in report.due:
        console.print(f"  {row['title']}：答复应于 {row['reply_due_on']} 前，提供应于 {row['provide_by_on']} 前")
    audit = report.audit
    console.print(f"两端逐值比较：{'全部相等' if report.reconciled else '不等，见上表'}。")
    if report.reconciliations:
        console.print("三方对账（两端节点互不出示数据，各自签名）：")
    for each in report.reconciliations:
        console.print(f"  {each.resource}：{each.text}" + (f"（{each.code}）" if each.code else ""))
    console.print(
        f"审计：{audit.size} 条，{'核验通过' if audit.verified else '不通过：' + audit.problem}，根 {audit.root[:16]}…"
    )
    console.print(f"{report.trust_zone}。共用 {report.seconds:.0f} 秒。")
