"""A request as the command line shows it: where it is, what is owed, what the reader may do, and how it came there."""

from collections.abc import Iterator

from directory.access.endings import Disposing, Suspension
from directory.access.lines import RequestLine
from directory.access.names import ACT_NAMES
from directory.access.said import PART_NAMES
from directory.access.states import Act
from directory.access.views import RequestView, Step
from directory.clock.deadlines import day_of
from hutong.console import emit, say
from hutong.term_lines import by, light_name


def request_line(each: RequestLine) -> str:
    """One line of a list."""
    light = light_name(each.light)
    return f"{each.id}\t{each.requester_name}\t{each.resource_title}\t{each.state_name}\t{by(each.due_on)}\t{light}"


def say_request(shown: RequestView, as_json: bool) -> None:
    """The whole request."""
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"{shown.requester_name}申请“{shown.resource_title}”：{shown.state_name}")
    due = f"，{shown.due_on} 前" if shown.due_on else ""
    say(f"编号 {shown.id}　轮到 {'、'.join(shown.waits_for) or '–'}{due}")
    for line in _owed(shown):
        say(f"  {line}")
    for step in shown.steps:
        say(f"  {day_of(step.at)}\t{step.organisation} {step.by}\t{step.act_name}\t{_words(step)}".rstrip())
    if acts := (*shown.acts, *shown.grant_acts):
        say(f"您可办理：{'、'.join(map(_command, acts))}")


def _command(act: Act) -> str:
    """What the reader would type: the step of ``move``, or the command that takes a new text."""
    return f"{'amend' if act is Act.AMENDED else act.value} {ACT_NAMES[act]}"


def _owed(shown: RequestView) -> Iterator[str]:
    for line in shown.change.lines if shown.change else ():
        direction = "减少" if line.direction == "less" else "增加或改变"
        yield f"变更 {line.name}\t{direction}\t{line.before or '–'} → {line.after or '–'}"
    if shown.extension is not None:
        answer = {None: "待信息办决定", True: "已同意", False: "没有同意"}[shown.extension.is_granted]
        yield f"延期 {shown.extension.days} 个工作日：{answer}"
    for item in shown.refused_items:
        yield f"不予共享 {item.item}\t{item.reason}"
    for hit in shown.listed or ():
        yield f"负面清单 {'、'.join(hit.names) or '目录全部数据项'}\t{hit.law}\t{hit.since} 至 {hit.until} 不予共享"
    if shown.gone:
        yield f"已不在目录现行版本里 {'、'.join(shown.gone)}"
    for level in shown.disputes:
        answered = f"，{day_of(level.answered_at)} 答复：{level.answer}" if level.answered_at else ""
        yield f"争议 {level.level_name}\t{level.addressee}\t{day_of(level.opened_at)} 提出：{level.words}{answered}"
    if shown.disputes_go_to and not shown.disputes:
        yield f"有异议的，依次向 {'、'.join(shown.disputes_go_to)} 提出"
    if shown.suspension is not None:
        yield from _suspended(shown.suspension)
    if shown.disposal is not None:
        yield from _to_dispose(shown.disposal)


def _suspended(found: Suspension) -> Iterator[str]:
    late = "，已超期" if found.is_overdue else ""
    yield f"{day_of(found.since)} 起暂停，整改期限 {found.until or '没有写明'}{late}"
    if found.reported_at is not None:
        yield f"{day_of(found.reported_at)} 报告整改：{found.report}"


def _to_dispose(found: Disposing) -> Iterator[str]:
    if found.asked_at is not None:
        until = f"，{found.until} 前" if found.until else ""
        yield f"处置要求 {found.way}{until}{'，已超期' if found.is_overdue else ''}：{found.words}"
    if (kept := found.certificate) is not None:
        who = f"{kept.carried_out_by} 办理，{kept.witnessed_by} 监督"
        yield f"处置证明 {kept.way}\t{kept.carried_out_on}\t{who}\t{kept.covers}"


def _words(step: Step) -> str:
    missing = f"缺 {'、'.join(PART_NAMES[part] for part in step.missing)}" if step.missing else ""
    handed = f"交 {step.handed_to}" if step.handed_to else ""
    until = f"{step.until} 前" if step.until else ""
    return "；".join(part for part in (missing, handed, step.reason, step.comment, until) if part)
