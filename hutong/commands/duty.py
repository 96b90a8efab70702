"""``hutong duty``: changes of law or duty (Art. 17), their terms and extensions."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from directory.duties import api
from directory.duties.views import DutyLine, DutyView
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, entry_ref, looking
from hutong.console import emit, say, say_list, tell

app = typer.Typer(help="法律法规或职责变化：部门 10 个工作日内更新目录，可延期一次。")

Change = Annotated[UUID, typer.Argument(metavar="变化编号", help="hutong duty list 所列的编号。")]


class Kind(StrEnum):
    """What changed."""

    LAW = "law"
    DUTY = "duty"


@app.command()
def report(
    kind: Annotated[Kind, typer.Argument(metavar="类别", help="law 法律法规，duty 部门职责。")],
    title: Annotated[str, typer.Argument(metavar="标题", help="什么变了。")],
    refs: Annotated[list[str], typer.Argument(metavar="目录...", help="受影响的目录，须属同一部门。")],
    as_user: AsPerson,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="变化生效的日期，期限由此起算。")],
    article: Annotated[str, typer.Option(help="依据的条款。")] = "",
    description: Annotated[str, typer.Option(help="说明。")] = "",
    as_json: AsJson = False,
) -> None:
    """报告一次变化，列出受影响的目录。"""
    with acting(as_user) as work:
        new = body(
            api.NewChange,
            kind=kind.value,
            title=title,
            article=article,
            description=description,
            changed_on=on.date(),
            refs=[entry_ref(work.session, ref) for ref in refs],
        )
        shown = api.report_change(new, work.session, work.actor)
    _show(shown, as_json)


@app.command("list")
def list_changes(
    is_open: Annotated[bool | None, typer.Option("--open/--done", help="只列没有办完的，或只列已办完的。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出变化，新的在前：轮到谁、何时到期。"""
    with looking(as_user) as work:
        lines = api.list_changes(work.session, work.actor, is_open)
    say_list("changes", lines, as_json, _line, nothing="没有变化")


@app.command()
def show(change: Change, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一次变化：各条目录办到哪一步。"""
    with looking(as_user) as work:
        shown = api.show_change(change, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def extend(
    change: Change,
    days: Annotated[int, typer.Argument(metavar="天数", help="再要几个工作日，最多 5。")],
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", "-m", help="理由。")],
    as_json: AsJson = False,
) -> None:
    """部门申请延期，只能一次，须在到期之前。"""
    with acting(as_user) as work:
        new = body(api.NewExtension, days=days, reason=reason)
        shown = api.ask_for_extension(change, new, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def decide(
    change: Change,
    as_user: AsPerson,
    is_granted: Annotated[bool, typer.Option("--grant/--refuse", help="同意延期，或不同意。")],
    comment: Annotated[str, typer.Option("--comment", "-m", help="意见；不同意时须写。")] = "",
    as_json: AsJson = False,
) -> None:
    """信息办答复延期申请。"""
    with acting(as_user) as work:
        decision = body(api.ExtensionDecision, is_granted=is_granted, comment=comment)
        shown = api.decide_on_extension(change, decision, work.session, work.actor)
    _show(shown, as_json)


def _line(each: DutyLine) -> str:
    due = f"{each.due_on} 前" if each.due_on else "–"
    return f"{each.id}\t{each.title}\t{each.org_name}\t{each.state_name}\t{due}\t{'、'.join(each.waits_for) or '–'}"


def _show(shown: DutyView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.title}（{shown.kind_name}，{shown.changed_on} 生效，{shown.state_name}）")
    say(f"编号 {shown.id}　{shown.org_name}　部门期限 {shown.update_due_on}")
    if shown.extension is not None:
        answer = {None: "等待答复", True: "已同意", False: "没有同意"}[shown.extension.is_granted]
        say(f"申请延期 {shown.extension.days} 个工作日：{answer}")
    for each in shown.entries:
        due = f"{each.due_on} 前" if each.due_on else "–"
        say(f"  {each.title}\t{each.status_name}\t{each.stage_name}\t{due}\t{'、'.join(each.waits_for) or '–'}")
        if each.situation:
            say(f"    情形 {each.situation}（条例第三十九条）")
    for warning in shown.warnings:
        tell(warning)
