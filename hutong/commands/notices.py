"""``hutong notices``: what a person was told, and what of it they have read."""

from typing import Annotated

import typer

from directory.limits import LIMITS
from directory.notices import queries, read
from hutong.acting import AsJson, AsPerson, acting
from hutong.console import emit, say, tell

app = typer.Typer(help="通知：与本人或本人岗位有关的事办到了哪一步。")


@app.command("list")
def list_notices(
    as_user: AsPerson,
    only_unread: Annotated[bool, typer.Option("--unread", help="只列未读的。")] = False,
    before: Annotated[int | None, typer.Option(min=1, help="从这个编号往前列。")] = None,
    as_json: AsJson = False,
) -> None:
    """列出通知，新的在前。"""
    with acting(as_user) as work:
        found = queries.notices(work.session, work.actor, size=LIMITS.page_count, before=before, is_unread=only_unread)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        say(f"{each.id}\t{'  ' if each.is_read else '未读'}\t{each.at:%Y-%m-%d %H:%M}Z\t{each.zh}\t{each.link}")
    if not found.items:
        tell("没有通知")
    if found.next:
        tell(f"更早的：--before {found.next}")


@app.command("read")
def mark_read(
    as_user: AsPerson,
    ids: Annotated[list[int] | None, typer.Argument(metavar="编号", help="hutong notices list 所列的编号。")] = None,
    until: Annotated[int | None, typer.Option(min=1, help="这个编号和更早的全部标为已读。")] = None,
    as_json: AsJson = False,
) -> None:
    """标为已读。"""
    with acting(as_user) as work:
        read.mark_read(work.session, work.actor, ids or [], work.now)
        if until is not None:
            read.mark_all_read(work.session, work.actor, until, work.now)
        left = queries.unread(work.session, work.actor)
    if as_json:
        emit({"unread": left})
    else:
        say(f"未读 {'99+' if left > 99 else left} 条")
