"""The approver's brief on the command line."""

from typing import Annotated
from uuid import UUID

import typer

from directory.briefs.brief import Brief, brief
from hutong.acting import AsJson, AsPerson, acting
from hutong.console import emit, say
from hutong.term_lines import light_name


def add_brief(app: typer.Typer) -> None:
    """The command of this file."""
    app.command("brief")(show_brief)


def show_brief(
    request: Annotated[UUID, typer.Argument(metavar="申请编号", help="hutong request todo 所列的编号。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """审批要点：要什么、凭什么、哪些可能不必要、以前怎样决定、拟答复。只给办理的人看。"""
    with acting(as_user) as work:
        found = brief(work.session, work.actor, request, work.today)
    if as_json:
        emit(found.model_dump(mode="json"))
    else:
        _show(found)


def _show(found: Brief) -> None:
    say(f"{found.requester_name}申请“{found.resource_title}”：{found.state_name}")
    if found.term:
        say(f"期限 {found.term.due_on}（{found.term.left}，{light_name(found.term.light)}）")
    say(f"谁来审批：{'，再由'.join(found.deciders.names)}（{found.deciders.why}）")
    say(f"依据 {found.basis}　场景 {found.scenario}　范围 {found.scope}　{found.rows}，至 {found.valid_until}")
    for hit in found.negatives:
        say(f"负面清单：{hit.title}（{hit.law}）{'、'.join(hit.names)}")
    for item in found.items:
        say(f"  {item.name}\t敏感程度 {item.sensitivity}\t{'；'.join(item.doubts)}".rstrip())
    for each in found.earlier:
        say(
            f"以前：{each.requester_name}“{each.resource_title}”{each.outcome_name}（{'、'.join(each.resembles)}）{each.reason}"
        )
    for draft in found.drafts:
        say(f"拟答复 {draft.name}：{draft.comment}")
