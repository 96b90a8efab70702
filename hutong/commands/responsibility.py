"""``hutong responsibility``: the 责任清单, who must catalogue and provide what by when."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.clock.deadlines import day_of
from directory.responsibilities import api, sheets
from directory.responsibilities.states import Act
from directory.responsibilities.views import OwedLine, OwedView
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, entry_ref, looking
from hutong.console import emit, say, say_list, tell
from hutong.files import write_bytes
from hutong.list_files import import_list

app = typer.Typer(help="责任清单：确定责任部门、答复、决定、指明目录。")

Owed = Annotated[UUID, typer.Argument(metavar="责任编号", help="hutong responsibility list 所列的编号。")]


@app.command("list")
def list_responsibilities(
    is_open: Annotated[bool | None, typer.Option("--open/--done", help="只列在办的，或只列已办完的。")] = None,
    org: Annotated[str, typer.Option(help="只列一个部门的（统一社会信用代码）。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出责任事项，先到期的在前。"""
    with looking(as_user) as work:
        found = api.list_responsibilities(work.session, work.actor, is_open, org)
    say_list("responsibilities", found, as_json, _line, nothing="没有责任事项")


@app.command()
def show(owed: Owed, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一件和它的办理经过。"""
    with looking(as_user) as work:
        shown = api.show_responsibility(owed, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def assign(
    org: Annotated[str, typer.Argument(metavar="部门", help="统一社会信用代码。")],
    as_user: AsPerson,
    due: Annotated[datetime, typer.Option("--due", formats=["%Y-%m-%d"], help="编目并发布的期限。")],
    basis: Annotated[str, typer.Option(help="职责依据。")],
    name: Annotated[str, typer.Option(help="要编目的数据；来自需求的可以不写。")] = "",
    demand: Annotated[UUID | None, typer.Option(help="来自哪份需求。")] = None,
    number: Annotated[int | None, typer.Option(help="需求的第几项。", min=1, max=1000)] = None,
    as_json: AsJson = False,
) -> None:
    """确定责任部门。"""
    with acting(as_user) as work:
        new = body(
            api.NewResponsibility,
            org_code=org,
            name=name,
            basis=basis,
            due_on=due.date(),
            demand_id=demand,
            demand_number=number,
        )
        shown = api.assign_responsibility(new, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def take(
    owed: Owed,
    act: Annotated[
        Act,
        typer.Argument(
            metavar="步骤",
            help="accepted 接受，refused 不接受，upheld 责任不变，released 解除，catalogued 指明目录，withdrawn 撤销。",
        ),
    ],
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", "-m", help="理由。")] = "",
    entry: Annotated[str, typer.Option(help="编在哪条目录里。")] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步。"""
    with acting(as_user) as work:
        step = body(api.NewStep, act=act.value, reason=reason, resource=entry_ref(work.session, entry))
        shown = api.take_step(owed, step, work.session, work.actor)
    _show(shown, as_json)


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsPerson) -> None:
    """用工作簿（xlsx、xls、csv）列入，有一行不成立就一件也不列。"""
    import_list(file, as_user, sheets.imported, lambda each: f"{each.id}\t{each.name}")


@app.command()
def export(out: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsReader = "") -> None:
    """把看得到的责任清单写成 xlsx。"""
    with looking(as_user) as work:
        found = api.list_responsibilities(work.session, work.actor)
    write_bytes(out, sheets.exported(found))
    tell(f"已写出 {len(found)} 件：{out}")


def _line(each: OwedLine) -> str:
    late = "\t已过期限" if each.light == "red" else ""
    return f"{each.id}\t{each.due_on}\t{each.name}\t{each.org_name}\t{each.state_name}{late}"


def _show(shown: OwedView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.name}（{shown.org_name}，{shown.due_on} 前，{shown.state_name}）")
    say(f"编号 {shown.id}　{shown.basis}　{shown.demand_title or '不来自需求'}")
    for step in shown.steps:
        say(f"  {day_of(step.at)}\t{step.act_name}\t{step.by}\t{step.reason or '–'}")
