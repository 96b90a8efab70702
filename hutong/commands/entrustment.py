"""``hutong entrustment``: who works on a department's systems or data for it (Art. 36)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from directory.clock.deadlines import day_of
from directory.entrustments import api
from directory.entrustments import enter as verbs
from directory.entrustments.enter import Entrusted
from directory.entrustments.views import EntrustmentView, view
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, looking
from hutong.console import emit, say, say_list

app = typer.Typer(help="委托登记：委托谁建设、运行、维护系统或存储、加工数据，批准、监督、结束。")

Entrustment = Annotated[UUID, typer.Argument(metavar="编号", help="hutong entrustment list 所列的编号。")]
Words = Annotated[str, typer.Option("--comment", "-m", help="意见、查到的情况，或怎样结束的。")]
_DAY = ["%Y-%m-%d"]


class Step(StrEnum):
    """What can be said of one."""

    APPROVED = "approved"
    REFUSED = "refused"
    SUPERVISED = "supervised"
    ENDED = "ended"


@app.command("list")
def list_entrustments(
    org: Annotated[str, typer.Option("--org", metavar="部门代码", help="只列这个部门的。")] = "",
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出本部门的委托，新的在前；信息办和审计看到全部。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor, org)
    say_list("entrustments", found, as_json, _line, nothing="没有委托")


@app.command()
def show(entrustment: Entrustment, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一项委托和它的经过。"""
    with looking(as_user) as work:
        shown = view(work.session, work.actor, entrustment, work.today)
    _show(shown, as_json)


@app.command()
def enter(
    contractor: Annotated[str, typer.Argument(metavar="受托方")],
    as_user: AsPerson,
    what: Annotated[str, typer.Option("--work", help="委托事项。")],
    covers: Annotated[str, typer.Option(help="接触的系统和数据。")],
    basis: Annotated[str, typer.Option(help="依据：合同、批文。")],
    until: Annotated[datetime, typer.Option(formats=_DAY, help="至哪一天，含当天。")],
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="自哪一天，不写为今天。")] = None,
    code: Annotated[str, typer.Option(help="受托方的统一社会信用代码。")] = "",
    as_json: AsJson = False,
) -> None:
    """登记一项委托，由部门负责人批准。"""
    with acting(as_user) as work:
        asked = body(
            api.NewEntrustment,
            contractor=contractor,
            contractor_code=code,
            work=what,
            covers=covers,
            basis=basis,
            since=since.date() if since else work.today,
            until=until.date(),
        )
        row = verbs.enter(work.session, work.actor, Entrusted(**asked.model_dump()), work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


@app.command()
def move(
    step: Annotated[
        Step, typer.Argument(metavar="步骤", help="approved 批准；refused 不批准；supervised 监督记录；ended 结束。")
    ],
    entrustment: Entrustment,
    as_user: AsPerson,
    words: Words = "",
    as_json: AsJson = False,
) -> None:
    """批准、不批准、记一次监督，或结束。"""
    asked = body(api.EntrustmentSaid, act=step.value, words=words)
    with acting(as_user) as work:
        verbs.say(work.session, work.actor, entrustment, asked.act, asked.words, work.now)
        shown = view(work.session, work.actor, entrustment, work.today)
    _show(shown, as_json)


def _show(shown: EntrustmentView, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(_line(shown))
    say(f"  {shown.work}\n  {shown.covers}\n  {shown.basis}")
    say(f"  {day_of(shown.entered_at)}\t{shown.entered_by}\t登记")
    for step in shown.steps:
        say(f"  {day_of(step.at)}\t{step.by}\t{step.act_name}\t{step.words}")


def _line(each: EntrustmentView) -> str:
    return f"{each.id}\t{each.contractor}\t{each.org_name}\t{each.since} 至 {each.until}\t{each.status_name}"
