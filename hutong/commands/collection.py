"""``hutong collection``: planned forms held against the catalogue, so that nothing is collected twice (Art. 19)."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.collection_check import api, sheets
from directory.collection_check.check import Planned, check, fields_of
from directory.collection_check.views import CheckView, view
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, tell
from hutong.files import read_bytes, write_bytes

app = typer.Typer(help="不重复采集核查：一张表的采集项，别的部门是不是已经有。")

Check = Annotated[UUID, typer.Argument(metavar="核查编号", help="hutong collection list 所列的编号。")]


@app.command("check")
def check_file(
    title: Annotated[str, typer.Argument(metavar="表单名称")],
    file: Annotated[Path, typer.Argument(metavar="文件", help="表单（xlsx、xls、csv），或一行一个采集项的 txt。")],
    as_user: AsPerson,
    purpose: Annotated[str, typer.Option(help="用于什么。")] = "",
    as_json: AsJson = False,
) -> None:
    """逐项核查，记录留存。"""
    fields = fields_of("", read_bytes(file), file.name)
    with acting(as_user) as work:
        made = check(work.session, work.actor, Planned(title[:200], purpose[:2000], fields), work.now)
        shown = view(work.session, made)
    _show(shown, as_json)


@app.command("list")
def list_checks(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出核查记录，最近的在前。"""
    with looking(as_user) as work:
        found = api.list_checks(work.session, work.actor)
    if as_json:
        emit({"checks": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(f"{each.id}\t{each.title}\t{each.org_name}\t{each.field_count} 项\t{each.held_count} 项不必采集")
    if not found:
        tell("没有核查记录")


@app.command()
def show(check: Check, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一次核查，逐项怎么办。"""
    with looking(as_user) as work:
        shown = api.show_check(check, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def export(check: Check, out: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsReader = "") -> None:
    """把核查报告写成 xlsx。"""
    with looking(as_user) as work:
        shown = api.show_check(check, work.session, work.actor)
    write_bytes(out, sheets.exported(shown))
    tell(f"已写出 {shown.field_count} 项：{out}")


def _show(shown: CheckView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.title}（{shown.org_name}）：{shown.field_count} 项，{shown.held_count} 项不必采集")
    say(f"编号 {shown.id}")
    for each in shown.fields:
        where = f"{each.best.title}：{each.best.item_name}（{each.best.reason}）" if each.best else "–"
        say(f"  {each.name}\t{each.verdict_name}\t{each.advice}\t{where}")
