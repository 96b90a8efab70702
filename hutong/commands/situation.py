"""``hutong situation``: situations of Articles 39 and 40, filed, answered and closed."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from directory.clock.deadlines import day_of
from directory.situations import api, file
from directory.situations.codes import situations
from directory.situations.file import Found
from directory.situations.views import SituationView, view
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, say_list

app = typer.Typer(help="违规情形：条例第三十九条、第四十条所列情形的立案、答复、办结。")

Situation = Annotated[UUID, typer.Argument(metavar="编号", help="hutong situation list 所列的编号。")]
Words = Annotated[str, typer.Option("--comment", "-m", help="经过、情况或意见。")]


class Outcome(StrEnum):
    """How the office closes one."""

    CORRECTED = "corrected"
    UNFOUNDED = "unfounded"
    REFERRED = "referred"


@app.command("list")
def list_situations(
    running: Annotated[bool, typer.Option("--open", help="只列没有办结的。")] = False,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出与本部门有关的立案，新的在前；信息办看到全部。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor, True if running else None)
    say_list("situations", found, as_json, _line, nothing="没有立案")


@app.command()
def show(situation: Situation, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一件立案和它的经过。"""
    with looking(as_user) as work:
        shown = view(work.session, work.actor, situation)
    _show(shown, as_json)


@app.command("file")
def file_one(
    code: Annotated[str, typer.Argument(metavar="情形", help="；".join(f"{c} {n}" for c, n in situations().items()))],
    as_user: AsPerson,
    words: Words = "",
    request: Annotated[UUID | None, typer.Option("--request", help="就哪份申请；部门随之确定。")] = None,
    org: Annotated[str, typer.Option("--org", metavar="部门代码", help="没有申请的，写明部门。")] = "",
    entry: Annotated[str, typer.Option("--entry", metavar="目录", help="标识符、资源代码或 UUID。")] = "",
    as_json: AsJson = False,
) -> None:
    """立案：发现了哪种情形、是哪个部门、依据什么；部门随即得知。"""
    with acting(as_user) as work:
        row = file.file_situation(work.session, work.actor, Found(code, words, org, request, entry), work.now)
        shown = view(work.session, work.actor, row.id)
    _show(shown, as_json)


@app.command()
def answer(situation: Situation, as_user: AsPerson, words: Words = "", as_json: AsJson = False) -> None:
    """所涉部门说明情况。"""
    with acting(as_user) as work:
        file.answer(work.session, work.actor, situation, words, work.now)
        shown = view(work.session, work.actor, situation)
    _show(shown, as_json)


@app.command()
def close(
    situation: Situation,
    outcome: Annotated[
        Outcome, typer.Argument(metavar="结论", help="corrected 已改正；unfounded 不成立；referred 移送。")
    ],
    as_user: AsPerson,
    words: Words = "",
    as_json: AsJson = False,
) -> None:
    """信息办办结；部门说明情况以后才能办结，立案的人不能办结自己立的案。"""
    with acting(as_user) as work:
        file.close(work.session, work.actor, situation, outcome.value, words, work.now)
        shown = view(work.session, work.actor, situation)
    _show(shown, as_json)


def _show(shown: SituationView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(_line(shown))
    say(f"  {day_of(shown.found_at)}\t{shown.found_org_name} {shown.found_by}\t立案\t{shown.words}")
    for step in shown.steps:
        what = f"办结，{step.outcome_name}" if step.act == "closed" else "说明情况"
        say(f"  {day_of(step.at)}\t{step.organisation} {step.by}\t{what}\t{step.words}")


def _line(each: SituationView) -> str:
    return f"{each.id}\t{each.code} {each.name}\t{each.org_name}\t{each.status_name}"
