"""``hutong proposal``: what the nodes drafted of tables nobody had described (反向编目), confirmed or declined."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.proposals import api, decide
from directory.proposals.choice import Choice
from directory.resources.api import Written
from hutong.acting import AsJson, AsPerson, acting, body, body_of_file
from hutong.console import emit, say, tell
from hutong.errors import HutongError

app = typer.Typer(help="反向编目的草案：由本部门编目员确认或不采纳。")

Number = Annotated[UUID, typer.Argument(metavar="草案编号", help="hutong proposal list 所列的编号。")]


class State(StrEnum):
    """How far a proposal is."""

    WAITING = "waiting"
    SUPERSEDED = "superseded"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Share(StrEnum):
    """The share types, as ``metadata.resource.ShareType`` has them."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


@app.command("list")
def list_proposals(
    as_user: AsPerson,
    status: Annotated[State, typer.Option(help="办理情况。")] = State.WAITING,
    after: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="略过前几条。")] = 0,
    as_json: AsJson = False,
) -> None:
    """列出本部门的草案。"""
    with acting(as_user) as work:
        found = api.browse(work.session, work.actor, status.value, after)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        known = "\t已有目录挂接此表" if each.mounted_by else ""
        say(f"{each.id}\t{each.schema_name}.{each.table}\t{each.title}\t{each.items} 项{known}")
    tell(f"共 {found.total} 条")


@app.command()
def show(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """显示一条草案，每个猜测都附理由。"""
    with acting(as_user) as work:
        found = api.show(number, work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{found.title}（{found.schema_name}.{found.table}，{found.items} 项）")
    for item in found.proposal.draft.items:
        say(f"  {item.field}\t{item.name}\t{item.type_code}{item.length or ''}\t敏感级别 {item.sensitivity}")
    for guess in found.proposal.guesses:
        say(f"  猜测 {guess.path}\t{guess.value}\t{guess.reason_zh}")


@app.command()
def confirm(
    number: Number,
    as_user: AsPerson,
    share: Annotated[Share | None, typer.Option(help="共享类型；草案从不替您选择。")] = None,
    title: Annotated[str, typer.Option(help="资源名称；缺省用草案的。")] = "",
    library: Annotated[str, typer.Option(help="基础库；缺省用草案的。")] = "",
    choice: Annotated[
        Path | None, typer.Option(help="逐项修改的 JSON：title、library、share_type、items，同接口。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """确认草案，登记为带挂接的草稿目录。"""
    if (choice is None) == (share is None):
        raise HutongError(
            "ARGUMENT_BAD",
            what="--share 与 --choice 须给出且只给出一个",
            what_en="one of --share and --choice, not both",
        )
    with acting(as_user) as work:
        if choice is not None:
            chosen = body_of_file(Choice, choice)
        else:
            draft = api.show(number, work.session, work.actor).proposal.draft
            assert share is not None
            chosen = body(Choice, title=title or draft.title, library=library or draft.library, share_type=share.value)
        saved = decide.confirm(work.session, work.actor, number, chosen, work.settings.classes, work.now)
        written = Written.of(saved)
        name = saved.record.title
    if as_json:
        emit(written.model_dump(mode="json"))
    else:
        say(f"已登记 {name}（{written.identifier or written.id}），发布前还缺 {len(written.lacks)} 处")


@app.command()
def decline(
    number: Number,
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", "-m", help="为什么不编目。")],
    as_json: AsJson = False,
) -> None:
    """不采纳；此表结构变化之前不再提出。"""
    with acting(as_user) as work:
        refusal = body(api.Refusal, reason=reason)
        api.decline(number, refusal, work.session, work.actor)
    if as_json:
        emit({"id": number, "status": "declined"})
    else:
        say("已不采纳")
