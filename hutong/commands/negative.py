"""``hutong negative``: the 负面清单, what may not be shared or opened and on which law."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.negatives import api, sheets
from directory.negatives.views import HitShown, NegativeView
from hutong.acting import AsJson, AsPerson, AsReader, Ref, acting, body, body_of_file, entry_ref, looking
from hutong.console import emit, say, say_list, tell
from hutong.files import write_bytes
from hutong.list_files import import_list

app = typer.Typer(help="负面清单：建议、决定、移出；一条目录有哪些数据项在列。")

Entry = Annotated[UUID, typer.Argument(metavar="条目编号", help="hutong negative list 所列的编号。")]


@app.command("list")
def list_negatives(
    state: Annotated[str, typer.Option(help="proposed 待决定，listed 在列，declined 未列入，removed 已移出。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出负面清单，先到期的在前。"""
    with looking(as_user) as work:
        found = api.list_negatives(work.session, work.actor)
    found = [each for each in found if state in {"", each.state}]
    say_list("entries", found, as_json, _line, nothing="负面清单是空的")


@app.command()
def show(entry: Entry, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一条。"""
    with looking(as_user) as work:
        shown = api.show_negative(entry, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：名称、不予什么、目录或数据项、依据、起止日期。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """建议列入；没有法律依据的不能。"""
    new = body_of_file(api.NewNegative, file)
    with acting(as_user) as work:
        shown = api.propose(new, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def decide(
    entry: Entry,
    as_user: AsPerson,
    is_listed: Annotated[bool, typer.Option("--list/--decline", help="列入，或不列入。")],
    words: Annotated[str, typer.Option("--reason", "-m", help="意见；不列入须写。")] = "",
    as_json: AsJson = False,
) -> None:
    """信息办负责人决定。"""
    with acting(as_user) as work:
        decision = body(api.Decision, is_listed=is_listed, words=words)
        shown = api.decide(entry, decision, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def remove(
    entry: Entry,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--reason", "-m", help="移出的理由。")],
    as_json: AsJson = False,
) -> None:
    """在截止日期之前移出。"""
    with acting(as_user) as work:
        shown = api.remove(entry, body(api.Removal, words=words), work.session, work.actor)
    _show(shown, as_json)


@app.command()
def hits(ref: Ref, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """一条目录今天有哪些数据项在列。"""
    with looking(as_user) as work:
        found = api.show_hits(entry_ref(work.session, ref), work.session, work.actor)
    say_list("hits", found, as_json, _hit, nothing="没有数据项在列")


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsPerson) -> None:
    """用工作簿（xlsx、xls、csv）建议列入，有一行不成立就一条也不提。"""
    import_list(file, as_user, sheets.imported, lambda each: f"{each.id}\t{each.title}")


@app.command()
def export(out: Annotated[Path, typer.Argument(metavar="文件")], as_user: AsReader = "") -> None:
    """把看得到的负面清单写成 xlsx。"""
    with looking(as_user) as work:
        found = api.list_negatives(work.session, work.actor)
    write_bytes(out, sheets.exported(found))
    tell(f"已写出 {len(found)} 条：{out}")


def _line(each: NegativeView) -> str:
    law = f"{each.law_title}{each.law_article}"
    return f"{each.id}\t{each.title}\t{each.org_name}\t{each.covers_name}\t{law}\t{each.until}\t{each.state_name}"


def _hit(each: HitShown) -> str:
    return f"{each.id}\t{each.title}\t{each.covers_name}\t{'、'.join(each.names) or '整条目录'}\t{each.law}"


def _show(shown: NegativeView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.title}（{shown.org_name}，{shown.covers_name}，{shown.state_name}）")
    say(f"编号 {shown.id}　{shown.law_title}{shown.law_article}　{shown.since} 至 {shown.until}")
    say(f"范围 {shown.resource_title} {'、'.join(shown.items) or '整条目录'}")
