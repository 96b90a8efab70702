"""``hutong demand``: the 需求清单, matched against the catalogue and followed to its end."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.clock.today import shanghai_today
from directory.demands import api, sheets
from directory.demands.queries import demands
from directory.demands.views import DemandLine, DemandView, view
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, body_of_file, entry_ref, looking
from hutong.console import emit, say, say_list, tell
from hutong.files import write_bytes
from hutong.list_files import import_list

app = typer.Typer(help="需求清单：提出、匹配现有目录、选定、关联申请，直到满足。")

Demand = Annotated[UUID, typer.Argument(metavar="需求编号", help="hutong demand list 所列的编号。")]
Number = Annotated[int, typer.Argument(metavar="第几项", min=1, max=1000)]


@app.command("list")
def list_demands(
    is_open: Annotated[bool | None, typer.Option("--open/--done", help="只列在办的，或只列已办完的。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出需求，先需要的在前。"""
    with looking(as_user) as work:
        found = api.list_demands(work.session, work.actor, is_open)
    say_list("demands", found, as_json, _line, nothing="没有需求")


@app.command()
def show(demand: Demand, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一份需求，逐项走到哪一步。"""
    with looking(as_user) as work:
        shown = api.show_demand(demand, work.session, work.actor)
    _show(shown, as_json)


@app.command("raise")
def raise_demand(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：名称、服务、用途、依据、日期、数据项。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """提出一份需求。"""
    new = body_of_file(api.NewDemand, file)
    with acting(as_user) as work:
        shown = api.raise_demand(new, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def match(demand: Demand, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出目录里可能是各项的数据项：把握、理由、怎样取得。"""
    with looking(as_user) as work:
        found = api.show_matches(demand, work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for at, of in found.matches.items():
        for each in of:
            say(f"{at}\t{each.score}\t{each.item_name}\t{each.title}\t{each.org_name}\t{each.how}\t{each.reason}")
        if not of:
            say(f"{at}\t没有找到")
    if found.uncompared_count:
        tell(f"还有 {found.uncompared_count} 条目录未比对：先执行 hutong catalogue keep-items，再重试")


@app.command()
def choose(
    demand: Demand,
    number: Number,
    entry: Annotated[str, typer.Argument(metavar="目录")],
    field: Annotated[str, typer.Argument(metavar="字段", help="数据项的字段名。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """为一项选定来源。"""
    with acting(as_user) as work:
        choice = body(api.Choice, resource=entry_ref(work.session, entry), field=field)
        shown = api.choose(demand, number, choice, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def link(
    demand: Demand,
    number: Number,
    request: Annotated[UUID, typer.Argument(metavar="申请编号")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """关联本部门对选定目录的申请。"""
    with acting(as_user) as work:
        shown = api.link(demand, number, api.Link(request_id=request), work.session, work.actor)
    _show(shown, as_json)


@app.command()
def satisfy(demand: Demand, number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """说明一项已由选定的来源满足。"""
    with acting(as_user) as work:
        shown = api.satisfy(demand, number, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def withdraw(
    demand: Demand,
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", "-m", help="理由。")],
    as_json: AsJson = False,
) -> None:
    """撤回需求。"""
    with acting(as_user) as work:
        shown = api.withdraw(demand, body(api.Withdrawal, reason=reason), work.session, work.actor)
    _show(shown, as_json)


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsPerson) -> None:
    """用工作簿（xlsx、xls、csv）提出需求，有一行不成立就一份也不提。"""
    import_list(file, as_user, sheets.imported, lambda each: f"{each.id}\t{each.title}")


@app.command()
def export(out: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsReader = "") -> None:
    """把看得到的需求写成 xlsx。"""
    today = shanghai_today()
    with looking(as_user) as work:
        found = [view(work.session, work.actor, each, today) for each in demands(work.session, work.actor)]
    write_bytes(out, sheets.exported(found))
    tell(f"已写出 {len(found)} 份需求：{out}")


def _line(each: DemandLine) -> str:
    return f"{each.id}\t{each.needed_by}\t{each.title}\t{each.org_name}\t{each.standing_name}"


def _show(shown: DemandView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.title}（{shown.org_name}，{shown.needed_by} 前，{shown.standing_name}）")
    say(f"编号 {shown.id}　{shown.service}　{shown.law_title}{shown.law_article}")
    for item in shown.items:
        source = f"{item.resource_title} {item.item_field}" if item.resource_id else item.responsible_org or "–"
        say(f"  {item.number}\t{item.name}\t{item.standing_name}\t{source}")
