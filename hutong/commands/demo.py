"""``hutong demo``: the main job on the demo city, then its pages."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hutong.console import tell
from hutong.demo.report import show
from hutong.demo.run import Demo, DemoOptions
from hutong.demo.tour import AFTERWARDS, tour_lines
from hutong.files import require_writable
from hutong.home import open_home
from hutong.postgres import Cluster
from hutong.supervise import Supervisor

_WATCH_SECONDS = 1.0
_PAGE_COLUMNS = 118  # of a report that goes to a file or a pipe


def command(
    data: Annotated[
        Path | None,
        typer.Option(help="真实文件的目录：工作簿、企业表、统计表。", exists=True, file_okay=False),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="打印报告后退出，不继续提供网页。")] = False,
    report: Annotated[Path | None, typer.Option(help="把报告写成 JSON 文件。", dir_okay=False)] = None,
    port: Annotated[int, typer.Option(help="目录的端口；中继用它加 10，Airflow 加 80。", min=1, max=65455)] = 8000,
    verify: Annotated[bool, typer.Option("--verify", help="不重做，只对账并核验现有的数据与审计日志。")] = False,
) -> None:
    """在示例市走完整个主流程：编目、申请、审批、交换、对账、核验。"""
    if report is not None:
        require_writable(report)  # now, not after the minutes that the report is about
    home = open_home()
    with Cluster(home).running() as cluster, Supervisor(home.folder("logs")) as supervisor:
        demo = Demo(home, cluster, supervisor, DemoOptions(data, port), tell)
        found = demo.verify() if verify else demo.run()
        if report is not None:
            report.write_text(json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        show(found, Console(width=None if sys.stdout.isatty() else _PAGE_COLUMNS))
        sheets = [each.sheet for each in found.reconciliations if each.sheet]
        if sheets:
            tell(f"对账单 {len(sheets)} 份，可打印，可离线核验：hutong exchange sheet --verify {sheets[0]}")
        tell(f"账号与口令：{demo.passwords.path}（仅本人可读）")
        if once or verify:
            tell(AFTERWARDS)
        else:
            tell("先用这几个账号看看：")
            for line in tour_lines():
                tell(line)
            tell(f"网页：{demo.url}（Ctrl-C 停止）")
            while True:
                supervisor.check()
                time.sleep(_WATCH_SECONDS)
    if not (found.reconciled and found.audit.verified):
        raise typer.Exit(1)
