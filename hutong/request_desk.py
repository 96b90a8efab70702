"""What waits on the command line: one's own worklist, and what supervision sees of everybody's."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from directory.limits import LIMITS
from directory.supervision.api import SupervisedRequest, Supervision, supervision
from directory.worklist.requests import Tab
from directory.worklist.worklist import Worklist, desk
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, tell
from hutong.request_lines import request_line
from hutong.term_lines import by, light_name


class Light(StrEnum):
    """The light of a running term."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


def add_desk(app: typer.Typer) -> None:
    """The commands of this file."""
    app.command("todo")(show_worklist)
    app.command("supervise")(supervise)


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
        say(request_line(each) + (f"\t已交{each.handed_to}接办" if each.handed_to else ""))
    for line in _besides(found):
        say(line)
    if not found.items:
        tell({"todo": "没有等您办的申请", "done": "没有您办过的申请", "mine": "您没有提出申请"}[tab])
    numbers = found.counts
    tell(f"待办 {numbers.todo + found.upkeep_total} 件，已办 {numbers.done} 件，我发起的 {numbers.mine} 件")
    if found.next:
        tell(f"申请共 {found.total} 件，接着列：--after {found.next}")
    if found.others_next:
        tell(f"其他事项共 {found.others_total} 件，接着列：--others-after {found.others_next}")


def _besides(found: Worklist) -> Iterator[str]:
    """What is on a worklist and is no request that waits for its next step."""
    for suspended in found.rectifications:
        until, light = by(suspended.until), light_name(suspended.light)
        yield f"{suspended.id}\t{suspended.requester_name}\t{suspended.resource_title}\t整改\t{until}\t{light}"
    for duty in found.duties:
        due, light = by(duty.due_on), light_name(duty.light)
        yield f"{duty.id}\t{duty.kind_name}\t{duty.title}{duty.article}\t{duty.state_name}\t{due}\t{light}"
    for use in found.uses:
        due, light = by(use.due_on), light_name(use.light)
        yield f"{use.request_id}\t使用记录\t{use.resource_title}\t{use.name}\t{due}\t{light}"
    for matter in found.matters:
        kind, title = f"{matter.kind_name} {matter.number}", matter.resource_title or "–"
        yield f"{matter.id}\t{kind}\t{title}\t{matter.state_name}\t{by(matter.due_on)}"
    for task in found.tasks:
        due, light = by(task.due_on), light_name(task.light)
        yield f"{task.id}\t{task.kind_name}\t{task.title}\t待{task.act_name}\t{due}\t{light}"
    for entry in found.entries:
        yield f"{entry.id}\t目录\t{entry.title}\t{entry.status_name}，待{entry.act_name}\t{entry.updated_on} 更新"
    for kept in found.upkeep:
        if kept.count:
            yield f"{kept.name}\t{kept.count} 件\t{kept.hint}\t{kept.link}"
    for other in found.others:
        yield f"{other.id}\t{other.kind_name} {other.number or ''}".rstrip() + f"\t{other.title}\t{other.state_name}"


def supervise(
    light: Annotated[Light | None, typer.Option(help="只列一种灯色：green 正常，amber 过半，red 已超期。")] = None,
    org: Annotated[str, typer.Option(metavar="部门", help="只列一个提供部门。")] = "",
    after: Annotated[str, typer.Option(metavar="位置", help="从上一页末尾接着列。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """督办：各提供部门在计时、过半、超期的申请和其他事项；先到期的在前。"""
    with looking(as_user) as work:
        found = supervision(
            work.session,
            work.actor,
            work.today,
            light=light.value if light else None,
            org=org,
            size=LIMITS.page_count,
            after=after,
        )
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.departments:
        ended = f"今年办结 {each.ended}，其中超期 {each.ended_late}"
        say(f"{each.org_name}\t超期 {each.red}\t过半 {each.amber}\t正常 {each.green}\t{ended}")
    for line in _watched(found):
        say(f"  {line}")
    if not found.departments:
        tell("没有在计时的事项")
    if found.next:
        tell(f"申请共 {found.total} 件，接着列：--after {found.next}")


def _watched(found: Supervision) -> Iterator[str]:
    for item in found.items:
        yield f"{item.id}\t{item.provider_name}\t{item.resource_title}\t{by(item.due_on)}\t{_lateness(item)}"
    for suspended in found.rectifications:
        until = f"整改 {by(suspended.until)}"
        light = light_name(suspended.light)
        yield f"{suspended.id}\t{suspended.resource_title}\t{until}\t{light}，{suspended.turn_name}办"
    for matter in found.matters:
        late = _late(matter.late_days, matter.situation) or light_name(matter.light)
        kind, title = f"{matter.kind_name} {matter.number}", matter.resource_title or "–"
        yield f"{matter.id}\t{matter.responsible_name}\t{title}\t{kind} {by(matter.due_on)}\t{late}"
    for duty in found.duties:
        late = _late(duty.late_days, duty.situation) or light_name(duty.light)
        stage = f"{duty.change_title} {by(duty.due_on)}"
        yield f"{duty.change_id}\t{duty.responsible_name}\t{duty.resource_title}\t{stage}\t{late}"


def _lateness(item: SupervisedRequest) -> str:
    late = _late(item.late_days, item.situation) or light_name(item.light)
    return f"{late}\t已督办 {item.urged} 次" if item.urged else late


def _late(days: int, situation: str | None) -> str:
    named = f"，情形 {situation}" if situation else ""
    return f"超期 {days} 个工作日{named}" if days else ""
