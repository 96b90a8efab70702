"""``hutong request``: requests, their terms and decisions (Art. 20-22), and what supervision sees of them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from directory.access import api, decide, drafting, renewal
from directory.access.batch import move_many
from directory.access.change import change as ask_change
from directory.access.evidence import evidence
from directory.access.names import ACT_NAMES
from directory.access.said import Said
from directory.access.states import Act
from directory.access.views import RequestView, view
from directory.clock.deadlines import day_of
from directory.limits import LIMITS
from directory.signing import open_key
from directory.supervision.api import supervision
from directory.worklist.requests import Tab
from directory.worklist.worklist import desk
from hutong.acting import AsJson, AsPerson, AsReader, acting, body_of_file, looking
from hutong.console import emit, say, tell
from hutong.errors import HutongError
from hutong.request_brief import add_brief
from hutong.request_comments import add_comments
from hutong.term_lines import say_terms
from metadata.access import AccessRequest

app = typer.Typer(help="共享申请：起草、批准、受理、答复，期限和督办。")
add_comments(app)
add_brief(app)

Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="hutong request list 所列的编号。")]
STEPS: Final = tuple(act for act in Act if act in decide.REQUEST_ACTS | decide.GRANT_ACTS)


class Light(StrEnum):
    """The light of a running term."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@app.command("list")
def list_requests(
    mine: Annotated[bool, typer.Option("--mine", help="只列本部门提出的。")] = False,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出申请，新的在前：走到哪一步、轮到谁、何时到期。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor, mine)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        due = f"{each.due_on} 前" if each.due_on else "–"
        say(f"{each.id}\t{each.requester_name}\t{each.resource_title}\t{each.state_name}\t{due}\t{each.light or '–'}")
    if not found.items:
        tell("没有申请")


@app.command()
def show(request: Request, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一份申请和它的经过。"""
    with looking(as_user) as work:
        shown = api.show(request, work.session, work.actor)
    _show(shown, as_json)


@app.command("todo")
def show_worklist(
    as_user: AsPerson,
    tab: Annotated[Tab, typer.Option(help="todo 待办，done 已办，mine 我发起的。")] = "todo",
    after: Annotated[str, typer.Option(metavar="位置", help="从上一页末尾接着列。")] = "",
    others_after: Annotated[str, typer.Option(metavar="位置", help="其他事项从上一页末尾接着列。")] = "",
    as_json: AsJson = False,
) -> None:
    """列出等本人办理的申请和其他事项，先到期的在前；或办过的、本人发起的。"""
    with acting(as_user) as work:
        found = desk(work.session, work.actor, work.now, tab, after=after, others_after=others_after)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        due = f"{each.due_on} 前" if each.due_on else "–"
        handed = f"\t已交{each.handed_to}接办" if each.handed_to else ""
        light = each.light or "–"
        say(f"{each.id}\t{each.requester_name}\t{each.resource_title}\t{each.state_name}\t{due}\t{light}{handed}")
    for suspended in found.rectifications:
        until = f"{suspended.until or '–'} 前"
        say(f"{suspended.id}\t{suspended.requester_name}\t{suspended.resource_title}\t整改\t{until}\t{suspended.light}")
    for matter in found.matters:
        due = f"{matter.due_on} 前" if matter.due_on else "–"
        say(f"{matter.number}\t{matter.kind_name}\t{matter.resource_title}\t{matter.state_name}\t{due}")
    for task in found.tasks:
        due = f"{task.due_on} 前" if task.due_on else "–"
        say(f"{task.id}\t{task.kind_name}\t{task.title}\t待{task.act_name}\t{due}\t{task.light or '–'}")
    for kept in found.upkeep:
        if kept.count:
            say(f"{kept.name}\t{kept.count} 件\t{kept.hint}\t{kept.link}")
    for other in found.others:
        say(f"{other.number or other.id}\t{other.kind_name}\t{other.title}\t{other.state_name}")
    if not found.items:
        tell({"todo": "没有等您办的申请", "done": "没有您办过的申请", "mine": "您没有提出申请"}[tab])
    if found.next:
        tell(f"共 {found.total} 件，接着列：--after {found.next}")
    if found.others_next:
        tell(f"其他事项共 {found.others_total} 件，接着列：--others-after {found.others_next}")


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：申请的内容，字段同 POST /api/v1/requests。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """起草一份申请；提交前须本部门共享工作机构负责人批准。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = drafting.create(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


@app.command()
def amend(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：改正后的全部内容。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """修改自己的申请（草稿、已退回补正的）；修改后须重新批准。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        drafting.amend(work.session, work.actor, request, asked, work.now)
        shown = view(work.session, work.actor, request, work.today)
    _show(shown, as_json)


@app.command()
def renew(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：续期的内容，使用时限须更晚。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """为正在使用的授权起草续期申请；批准和答复的步骤与新申请相同。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = renewal.renew(work.session, work.actor, request, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


@app.command()
def change(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：变更后的全部内容。")],
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", help="为什么变更。")] = "",
    as_json: AsJson = False,
) -> None:
    """为正在使用的授权起草变更；只减不增的受理后即按原同意授权，其余须提供部门重新同意。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = ask_change(work.session, work.actor, request, asked, reason, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


@app.command()
def move(
    to: Annotated[
        str, typer.Argument(metavar="步骤", help="；".join(f"{act.value} {ACT_NAMES[act]}" for act in STEPS) + "。")
    ],
    requests: Annotated[
        list[UUID], typer.Argument(metavar="申请编号...", help=f"一份，或最多 {LIMITS.batch_count} 份，各有各的结果。")
    ],
    as_user: AsPerson,
    comment: Annotated[str, typer.Option("--comment", "-m", help="意见。")] = "",
    reason: Annotated[str, typer.Option("--reason", help="不予共享的理由，须是目录列明或法定的。")] = "",
    days: Annotated[int | None, typer.Option("--days", min=1, max=100, help="申请延期几个工作日。")] = None,
    handed_to: Annotated[str, typer.Option("--to", metavar="用户名", help="交他人接办：交给本部门哪位经办人。")] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="文件", help="JSON：随这一步说的全部内容，字段同接口，如 missing、refused_items。"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """办理一步：批准、提交、受理、通知补正、同意、不予共享、延期、督办、争议、暂停、恢复、终止、处置、交他人接办。"""
    if to not in STEPS:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(STEPS)}）")
    act = Act(to)
    if len(requests) > LIMITS.batch_count:
        raise HutongError("ARGUMENT_BAD", what=f"申请编号（一次最多 {LIMITS.batch_count} 份）")
    said = body_of_file(Said, file) if file else Said(comment=comment, reason=reason, days=days, handed_to=handed_to)
    with acting(as_user) as work:
        key, suite_2 = open_key(work.settings.directory_key_path), work.settings.suite_2
        found = move_many(work.session, work.actor, key, requests, act, work.now, said, suite_2=suite_2)
        done = list(found.items())
    refused = [error for _, error in done if error is not None]
    if len(done) == 1 and refused:
        raise refused[0]
    if as_json:
        lines = [
            {"id": str(ref)} | ({"code": error.code, "problem": error.zh} if error else {"done": act.value})
            for ref, error in done
        ]
        emit({"done": len(done) - len(refused), "refused": len(refused), "requests": lines})
    else:
        for ref, error in done:
            if error is None:
                say(f"{ref}\t已{ACT_NAMES[act]}")
            else:
                tell(f"{ref}\t没有{ACT_NAMES[act]}：{error.zh}（{error.code}）。下一步：{error.next_step}")
    if refused:
        raise typer.Exit(1)


@app.command()
def terms(request: Request, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """时限证据单：每个期限逐日怎样计算。"""
    with looking(as_user) as work:
        found = evidence(work.session, work.actor, request, work.today)
    say_terms(found, as_json)


@app.command("supervise")
def supervise(
    light: Annotated[Light | None, typer.Option(help="只列一种灯色。")] = None,
    org: Annotated[str, typer.Option(metavar="部门", help="只列一个提供部门。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """督办：各提供部门在计时、过半、超期的申请；先到期的在前。"""
    with looking(as_user) as work:
        found = supervision(
            work.session,
            work.actor,
            work.today,
            light=light.value if light else None,
            org=org,
            size=LIMITS.page_count,
            after="",
        )
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.departments:
        say(f"{each.org_name}\t超期 {each.red}\t过半 {each.amber}\t正常 {each.green}")
    for item in found.items:
        late = f"超期 {item.late_days} 个工作日，情形 {item.situation}" if item.situation else item.light
        say(f"  {item.id}\t{item.resource_title}\t{item.due_on} 前\t{late}")
    for suspended in found.rectifications:
        until = f"整改 {suspended.until or '–'} 前"
        say(f"  {suspended.id}\t{suspended.resource_title}\t{until}\t{suspended.light}，{suspended.turn_name}办")
    if found.next:
        tell(f"共 {found.total} 件，这里是先到期的 {len(found.items)} 件；全部见 /supervision")


def _show(shown: RequestView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.requester_name}申请“{shown.resource_title}”：{shown.state_name}")
    due = f"，{shown.due_on} 前" if shown.due_on else ""
    say(f"编号 {shown.id}　轮到 {'、'.join(shown.waits_for) or '–'}{due}")
    for line in shown.change.lines if shown.change else ():
        direction = "减少" if line.direction == "less" else "增加或改变"
        say(f"  变更 {line.name}\t{direction}\t{line.before or '–'} → {line.after or '–'}")
    for step in shown.steps:
        words = "；".join(part for part in (step.reason, step.comment) if part)
        say(f"  {day_of(step.at)}\t{step.organisation} {step.by}\t{step.act_name}\t{words}".rstrip())
