"""``hutong delegation``: a deciding role held by a colleague for some days."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from directory.delegations import queries
from directory.delegations.give import Given, delegate
from directory.delegations.give import revoke as revoke_delegation
from directory.delegations.queries import Delegation
from directory.roles import Role
from hutong.acting import AsJson, AsPerson, acting
from hutong.console import emit, say, say_list

app = typer.Typer(help="授权代理：外出时把本人的审批角色委托给本部门同事，到期自动结束。")


@app.command("list")
def list_delegations(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出本人委托和代理的；管理员列出全部。"""
    with acting(as_user) as work:
        found = queries.delegations(work.session, work.actor, work.today)
    say_list("delegations", found, as_json, _line, nothing="没有委托")


@app.command()
def give(
    role: Annotated[Role, typer.Argument(metavar="角色", help="本人担任的审批角色。")],
    to: Annotated[str, typer.Option("--to", metavar="用户名", help="本部门的代理人。")],
    starts_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="自哪一天起。")],
    ends_on: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="至哪一天（含）。")],
    reason: Annotated[str, typer.Option("--comment", "-m", help="事由。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """委托；代理来的角色不能再委托。"""
    with acting(as_user) as work:
        row = delegate(work.session, work.actor, Given(role, to, starts_on.date(), ends_on.date(), reason), work.now)
        shown = queries.delegation(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


@app.command()
def revoke(
    delegation: Annotated[UUID, typer.Argument(metavar="编号", help="hutong delegation list 所列的编号。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """收回或辞去一项委托，立即生效；已办的保留。"""
    with acting(as_user) as work:
        row = revoke_delegation(work.session, work.actor, delegation, work.now)
        shown = queries.delegation(work.session, work.actor, row.id, work.today)
    _show(shown, as_json)


def _show(shown: Delegation, as_json: bool) -> None:
    if as_json:
        emit(shown.model_dump(mode="json"))
    else:
        say(_line(shown))


def _line(each: Delegation) -> str:
    span = f"{each.starts_on} 至 {each.ends_on}"
    return f"{each.id}\t{each.role_name}\t{each.delegator_name} → {each.delegate_name}\t{span}\t{each.state_name}"
