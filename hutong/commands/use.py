"""``hutong use``: use records (Art. 29), what is missing of them, and grants that are not put to use."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.unused import exporting as unused_files
from directory.unused.propose import propose_end
from directory.unused.queries import DEFAULT_DAYS, unused
from directory.uses import api, exporting, queries, views
from directory.uses.record import PART_NAMES, UseSaid, record_use
from directory.uses.views import UseLine, UseView
from hutong.acting import AsJson, AsPerson, AsReader, acting, body_of_file, looking
from hutong.console import emit, say, say_list, tell
from hutong.errors import HutongError
from hutong.files import write_bytes
from hutong.term_lines import light_name

app = typer.Typer(help="使用记录：场景、过程、成效、存储和销毁情况；还缺哪些，哪些授权没有用起来。")

Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="hutong use list 所列的编号。")]
Out = Annotated[Path | None, typer.Option("--out", help="写成文件：.csv 或 .xlsx。")]
_FORMATS = (".csv", ".xlsx")


@app.command("list")
def list_uses(
    gaps: Annotated[bool, typer.Option("--gaps", help="只列还缺记录的。")] = False,
    out: Out = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出到过数据的授权，各有几份使用记录、还缺几次。"""
    with looking(as_user) as work:
        found = queries.uses(work.session, work.actor)
        lines = views.lines(work.session, found, work.today)
        if out:
            chosen = {each.request_id for each in lines if each.due_on or not gaps}
            wanted = [each for each in found if each.row.id in chosen]
            data, _ = exporting.write(work.session, wanted, _format(out), work.today)
    listed = [each for each in lines if each.due_on or not gaps]
    if out:
        write_bytes(out, data)
    say_list("uses", listed, as_json, _line, nothing="没有到过数据的授权")


@app.command()
def show(request: Request, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一份申请的使用记录，和什么时候该记。"""
    with looking(as_user) as work:
        shown = api.show(request, work.session, work.actor)
    _show(shown, as_json)


@app.command()
def record(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON，字段同 POST /api/v1/requests/{编号}/uses。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """记一次使用；文件里写 corrects 和 correction 的，是更正前面一份。"""
    said = body_of_file(UseSaid, file)
    with acting(as_user) as work:
        record_use(work.session, work.actor, request, said, work.now)
        shown = views.view(work.session, work.actor, request, work.today)
    _show(shown, as_json)


@app.command()
def asked(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出本部门现在该记的使用记录，先到期的在前。"""
    with acting(as_user) as work:
        found = api.asked(work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        span = f"{each.begins_on} 至 {each.ends_on}"
        say(
            f"{each.request_id}\t{each.resource_title}\t{each.name}\t{span}\t{each.due_on} 前\t{light_name(each.light)}"
        )
    if not found.items:
        tell("没有该记的使用记录")


@app.command("unused")
def show_unused(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="多少天没有送达才列出。")] = DEFAULT_DAYS,
    out: Out = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出从未送达、很久没有送达的授权，和使用记录说明没有用到的数据项。"""
    with looking(as_user) as work:
        report = unused(work.session, work.actor, days, work.today)
    if out:
        write_bytes(out, unused_files.write(report, _format(out))[0])
    if as_json:
        emit(report.model_dump(mode="json"))
        return
    for each in report.items:
        idle = "、".join(item.name for item in each.unused_items) or "–"
        last = each.last_on.isoformat() if each.last_on else "–"
        verdict = each.verdict_name or "按期送达"
        say(f"{each.request_id}\t{each.requester_name}\t{each.resource_title}\t{verdict}\t最近 {last}\t没用到：{idle}")
    if not report.items:
        tell("没有这样的授权")


@app.command()
def propose(
    request: Request,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--comment", "-m", help="为什么不再需要。")] = "",
    as_json: AsJson = False,
) -> None:
    """向需求部门提议提前结束一项没有用起来的授权；由需求部门自己结束。"""
    with acting(as_user) as work:
        row = propose_end(work.session, work.actor, request, words, work.now)
        said = {"request_id": row.id, "proposed_at": work.now}
    if as_json:
        emit(said)
    else:
        tell("已提议，需求部门会收到通知")


def _show(shown: UseView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.requester_name}用“{shown.resource_title}”（{shown.provider_name}），{shown.began_on} 起")
    for moment in shown.moments:
        state = {"kept": "已记", "asked": "待记", "late": "过期未记"}[moment.state]
        say(f"{moment.name}\t{moment.begins_on} 至 {moment.ends_on}\t{moment.due_on} 前\t{state}")
    for each in shown.records:
        fate = f"，已由第 {each.corrected_by} 号更正" if each.corrected_by else ""
        say(f"第 {each.seq} 号 {each.occasion_name} {each.covers_from} 至 {each.covers_until} {each.recorded_by}{fate}")
        for name, title in PART_NAMES.items():
            if words := getattr(each, name):
                say(f"  {title}：{words}")


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        what = f"--out：{path.name} 的后缀须是 {' 或 '.join(_FORMATS)}"
        raise HutongError("ARGUMENT_BAD", what=what, what_en=f"--out ends with {' or '.join(_FORMATS)}: {path.name}")
    return suffix.removeprefix(".")


def _line(each: UseLine) -> str:
    missing = f"缺 {each.late_count + each.asked_count} 次，{each.due_on} 前" if each.due_on else "齐全"
    return f"{each.request_id}\t{each.requester_name}\t{each.resource_title}\t{each.record_count} 份\t{missing}"
