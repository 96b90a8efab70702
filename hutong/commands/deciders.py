"""``hutong deciders``: who decides on requests, by law and by the office's rules."""

from pathlib import Path
from typing import Annotated

import typer

from directory.deciders import api
from hutong.acting import AsJson, AsPerson, AsReader, acting, body_of_file, looking
from hutong.console import emit, say

app = typer.Typer(help="谁来审批：法定的，和信息办录入的规定。")
STANDINGS = {"holds": "现行", "coming": "即将执行", "replaced": "已被代替"}


@app.command("list")
def list_rules(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出各条规定：适用哪些申请，谁来审批，先后如何。"""
    with looking(as_user) as work:
        found = api.list_rules(work.session, work.actor)
    _show(found, as_json)


@app.command()
def enter(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：字段同 POST /api/v1/decider-rules。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """录入一条规定；审批方里必须有提供部门，一方只写一次。"""
    new = body_of_file(api.NewDeciderRule, file)
    with acting(as_user) as work:
        found = api.enter_rule(new, work.session, work.actor)
    _show(found, as_json)


def _show(found: list[api.DeciderRuleLine], as_json: bool) -> None:
    if as_json:
        emit({"rules": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        place = each.provider_name or "各提供部门"
        limits = [
            each.share_type,
            each.mount_kind,
            f"敏感程度≥{each.min_sensitivity}" if each.min_sensitivity > 1 else "",
        ]
        fits = "，".join(part for part in (place, *limits) if part)
        who = " → ".join(each.decider_names)
        say(f"{each.effective_on}\t{STANDINGS[each.standing]}\t{fits}\t{who}\t{each.basis}")
