"""The life of entries on the command line: a command for each step of ``directory.resources.states.MOVES``."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.resources import decide, queries
from directory.resources.batch import Outcome, move_many
from directory.resources.states import MOVES, STATUSES, Move
from hutong.acting import AsJson, AsPerson, Ref, Work, acting, entry_ref
from hutong.console import emit, say, tell
from hutong.errors import HutongError

PANEL: Final = "流程（须指明 --as）"
_WHAT: Final = {
    "head_approve": "部门负责人审核通过。",
    "submit": "把部门已审的目录提交信息办。",
    "review": "信息办审核通过。",
    "publish": "信息办负责人发布；不完整的不能发布，并列出缺什么。",
    "recall": "信息办办理之前撤回为草稿。",
    "suspend": "暂停已发布的目录；须写原因。",
    "resume": "恢复已暂停的目录。",
    "withdraw": "撤销已发布的目录，不可恢复；须写原因。",
    "discard": "作废从未发布过的草稿，不可恢复；须写原因。",
}
_NAMES: Final = {"head_approve": "approve"}
_BY_FIELD: Final = "return"

Refs = Annotated[
    list[str], typer.Argument(metavar="目录...", help=f"标识符、资源代码或 UUID，最多 {LIMITS.batch_count} 条。")
]
Comment = Annotated[str, typer.Option("--comment", "-m", help="意见或原因。")]


def add_steps(app: typer.Typer) -> None:
    """A command for every step there is."""
    for each in MOVES:
        if each.step == _BY_FIELD:
            app.command(_BY_FIELD, rich_help_panel=PANEL)(return_entry)
        else:
            named = app.command(_NAMES.get(each.step, each.step), rich_help_panel=PANEL, help=_WHAT[each.step])
            named(_step(each))


def return_entry(
    ref: Ref,
    as_user: AsPerson,
    comment: Comment = "",
    fields: Annotated[
        list[str] | None, typer.Option("--field", "-f", help="逐字段的理由：路径=理由，如 -f abstract=太短；可重复。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """退回修改：写总的意见，或逐个字段写理由。"""
    remarks = [_remark(each) for each in fields or []]
    if len(remarks) > LIMITS.remark_count:
        raise HutongError(
            "ARGUMENT_BAD",
            what=f"--field（最多 {LIMITS.remark_count} 个）",
            what_en=f"--field ({LIMITS.remark_count} at most)",
        )
    with acting(as_user) as work:
        named = entry_ref(work.session, ref)
        entry = decide.move(work.session, work.actor, named, "draft", comment, work.now, remarks, step="return")
        title = entry.title
    if as_json:
        emit({"ref": ref, "title": title, "status": "draft", "remarks": len(remarks)})
    else:
        say(f"已退回 {title}" + (f"，{len(remarks)} 个字段有理由" if remarks else ""))


def _step(chosen: Move) -> Callable[..., None]:
    def run(refs: Refs, as_user: AsPerson, comment: Comment = "", as_json: AsJson = False) -> None:
        if len(refs) > LIMITS.batch_count:
            most = LIMITS.batch_count
            raise HutongError("ARGUMENT_BAD", what=f"目录（一次最多 {most} 条）", what_en=f"entries ({most} at a time)")
        with acting(as_user) as work:
            done = _taken(work, chosen, refs, comment)
        refused = [each for each in done if each.problem is not None]
        if as_json:
            emit({"done": len(done) - len(refused), "refused": len(refused), "entries": [_line(each) for each in done]})
        else:
            _tell(chosen, done)
        if refused:
            raise typer.Exit(1)

    return run


def _taken(work: Work, chosen: Move, refs: list[str], comment: str) -> list[Outcome]:
    """One entry alone is refused aloud, with everything that is wrong; of several each has its own outcome."""
    named = {entry_ref(work.session, ref): ref for ref in refs}
    if len(named) == 1:
        (ref,) = named
        entry = decide.move(work.session, work.actor, ref, chosen.to, comment, work.now, step=chosen.step)
        return [Outcome(named[ref], entry.title, entry.status, None)]
    done = move_many(work.session, work.actor, list(named), chosen.to, comment, work.now, chosen.step)
    return [Outcome(named[each.ref], each.title, each.status, each.problem) for each in done]


def _line(outcome: Outcome) -> dict[str, object]:
    line: dict[str, object] = {"ref": outcome.ref, "title": outcome.title, "status": outcome.status}
    return line if outcome.problem is None else line | {"problem": outcome.problem._asdict()}


def _tell(chosen: Move, done: list[Outcome]) -> None:
    for each in done:
        if each.problem is None:
            say(f"{each.title}\t{STATUSES[each.status]}")
        else:
            tell(f"{each.title or each.ref}\t没有{chosen.name_zh}：{each.problem.zh}（{each.problem.code}）")
            tell(f"下一步：{each.problem.next_cli}")


def _remark(text: str) -> queries.Remark:
    path, is_given, reason = text.partition("=")
    if not is_given:
        raise DirectoryError("REMARK_INVALID", path=path[:100], reason="写成 路径=理由")
    return queries.Remark(path.strip(), reason.strip())
