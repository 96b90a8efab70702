"""``hutong service``: changed and ended services (Art. 27), and what new versions change of items in use."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from directory.clock.deadlines import day_of
from directory.services import announce as verbs
from directory.services import api, item_changes
from directory.services.item_changes import ItemChangeView
from directory.services.views import ServiceLine, ServiceView, view
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say, say_list

app = typer.Typer(help="服务变更：变更或终止在用的服务须告知、协商、备案；在用数据项的变化须知悉。")

Notice = Annotated[UUID, typer.Argument(metavar="告知编号", help="hutong service list 所列的编号。")]
Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="本部门在用的申请。")]
Words = Annotated[str, typer.Option("--comment", "-m", help="理由或意见。")]


class Change(StrEnum):
    """What happens to the service."""

    CHANGE = "change"
    END = "end"


@app.command("list")
def list_notices(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出与本部门有关的告知，新的在前。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor)
    say_list("services", found, as_json, _line, nothing="没有服务变更的告知")


@app.command()
def show(notice: Notice, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一份告知：各使用部门的答复和协商经过。"""
    with looking(as_user) as work:
        shown = api.show(notice, work.session, work.actor)
    _show(shown, as_json)


@app.command("announce")
def announce_change(
    entry: Annotated[str, typer.Argument(metavar="目录", help="目录的标识符、代码或编号。")],
    kind: Annotated[Change, typer.Argument(metavar="事项", help="change 变更；end 终止。")],
    answer_by: Annotated[datetime, typer.Option("--answer-by", formats=["%Y-%m-%d"], help="请在哪天前答复。")],
    takes_effect_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="拟自哪天起生效。")],
    as_user: AsPerson,
    words: Words = "",
    as_json: AsJson = False,
) -> None:
    """告知各使用部门：本部门拟变更或终止一项服务（条例第二十七条）。"""
    with acting(as_user) as work:
        made = verbs.announce(
            work.session,
            work.actor,
            entry,
            kind.value,
            words,
            answer_by.date(),
            takes_effect_on.date(),
            work.now,
        )
        shown = view(work.session, work.actor, made.id, work.today)
    _show(shown, as_json)


@app.command()
def answer(
    notice: Notice,
    request: Request,
    as_user: AsPerson,
    is_agreed: Annotated[bool, typer.Option("--agree/--object", help="同意，或有异议。")] = True,
    words: Words = "",
    as_json: AsJson = False,
) -> None:
    """使用部门答复：同意，或有异议（写明理由）；可以再答复，以最后一次为准。"""
    with acting(as_user) as work:
        verbs.answer(work.session, work.actor, notice, request, is_agreed=is_agreed, words=words, now=work.now)
        shown = view(work.session, work.actor, notice, work.today)
    _show(shown, as_json)


@app.command()
def reply(notice: Notice, as_user: AsPerson, words: Words = "", as_json: AsJson = False) -> None:
    """提供部门答复异议。"""
    with acting(as_user) as work:
        verbs.reply(work.session, work.actor, notice, words, work.now)
        shown = view(work.session, work.actor, notice, work.today)
    _show(shown, as_json)


@app.command("file")
def file_notice(notice: Notice, as_user: AsPerson, words: Words = "", as_json: AsJson = False) -> None:
    """信息办备案；有部门还在答复期内、或有异议未获答复时不能备案。"""
    with acting(as_user) as work:
        verbs.file(work.session, work.actor, notice, words, work.now)
        shown = view(work.session, work.actor, notice, work.today)
    _show(shown, as_json)


@app.command()
def withdraw(notice: Notice, as_user: AsPerson, words: Words = "", as_json: AsJson = False) -> None:
    """提供部门撤回告知，服务照旧。"""
    with acting(as_user) as work:
        verbs.withdraw(work.session, work.actor, notice, words, work.now)
        shown = view(work.session, work.actor, notice, work.today)
    _show(shown, as_json)


@app.command("changes")
def list_changes(
    waiting: Annotated[bool, typer.Option("--waiting", help="只列还没有知悉的。")] = False,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出新版目录对在用数据项的改动。"""
    with looking(as_user) as work:
        found = api.browse_item_changes(work.session, work.actor, None, False if waiting else None)
    say_list("changes", found, as_json, _change, nothing="在用的数据项没有变化")


@app.command()
def note(
    request: Request,
    version: Annotated[int, typer.Argument(metavar="版本", min=1)],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """知悉一项改动。"""
    with acting(as_user) as work:
        shown = item_changes.note(work.session, work.actor, request, version, work.now)
    if as_json:
        emit(shown.model_dump(mode="json"))
    else:
        say(_change(shown))


def _show(shown: ServiceView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(_line(shown))
    for use in shown.uses:
        say(f"  {use.org_name}\t{use.request_id}\t{use.answer_name}\t{use.words}".rstrip())
    for step in shown.steps:
        say(f"  {day_of(step.at)}\t{step.organisation} {step.by}\t{step.act_name}\t{step.words}".rstrip())


def _line(each: ServiceLine) -> str:
    days = f"{each.answer_by} 前答复，{each.takes_effect_on} 起"
    return f"{each.id}\t{each.resource_title}\t{each.kind_name}\t{each.status_name}\t{days}"


def _change(each: ItemChangeView) -> str:
    noted = "已知悉" if each.is_noted else "待知悉"
    changed = [f"  {line.label}\t{line.before or '–'} → {line.after or '–'}" for line in each.lines]
    return "\n".join((f"{each.request_id}\t{each.version}\t{each.resource_title}\t{noted}", *changed))
