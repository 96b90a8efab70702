"""``hutong bulletin``: what was published, changed and withdrawn in the catalogue, day by day (Art. 16)."""

from datetime import datetime
from typing import Annotated

import typer

from directory.bulletins import queries
from directory.bulletins.counting import Kind
from directory.limits import LIMITS
from hutong.acting import AsJson, AsReader, looking
from hutong.console import emit, say, tell

app = typer.Typer(help="目录通告：每天发布、变更、暂停、恢复、撤销了哪些目录。")


@app.command("list")
def list_days(
    before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="从这一天往前列。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出目录有变化的日子，最近的在前。"""
    until = before.date() if before else None
    with looking(as_user) as work:
        found = queries.bulletins(work.session, size=LIMITS.page_count, before=until)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        say(
            f"{each.day}\t新发布 {each.published}\t变更 {each.changed}\t暂停 {each.suspended}"
            f"\t恢复 {each.resumed}\t撤销 {each.withdrawn}"
        )
    if not found.items:
        tell("没有通告")
    if found.next:
        tell(f"更早的：--before {found.next}")


@app.command()
def show(
    day: Annotated[datetime, typer.Argument(metavar="日期", formats=["%Y-%m-%d"])],
    kind: Annotated[Kind | None, typer.Option(help="只列这一类。")] = None,
    after: Annotated[str, typer.Option(metavar="位置", help="从上一页末尾接着列。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出一天的变化，最近的在前。"""
    with looking(as_user) as work:
        found = queries.bulletin(work.session, work.actor, day.date(), kind=kind, size=LIMITS.page_count, after=after)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        reason = f"\t理由：{each.reason}" if each.reason else ""
        more = f"；另有 {each.changes_more} 处" if each.changes_more else ""
        what = f"\t变更：{'；'.join(each.changes)}{more}" if each.changes else ""
        about = f"{each.kind_name}\t{each.identifier}\t{each.title}\t{each.provider_name}\t第 {each.version} 版"
        say(f"{about}{what}{reason}")
    if not found.items:
        tell("这一天目录没有变化")
    if found.next:
        tell(f"共 {found.total} 条，接着列：--after {found.next}")
