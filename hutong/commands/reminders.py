"""``hutong reminders``: on which day of a term whom is reminded."""

from collections.abc import Sequence
from typing import Annotated

import typer

from directory.reminders import api, change
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, looking
from hutong.console import emit, say

app = typer.Typer(help="提醒规则：期限走到哪一天提醒谁。")


@app.command("list")
def list_rules(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出提醒规则。"""
    with looking(as_user) as work:
        found = change.rules(work.session)
    _show(found, as_json)


@app.command("set")
def set_rule(
    rule_id: Annotated[str, typer.Argument(metavar="规则", help="hutong reminders list 所列的编号。")],
    as_user: AsPerson,
    days: Annotated[int, typer.Option(min=0, max=change.MOST_DAYS, help="天数；没有天数的规则写 0。")] = 0,
    is_on: Annotated[bool, typer.Option("--on/--off", help="提醒，或不提醒。")] = True,
    as_json: AsJson = False,
) -> None:
    """改一条规则的天数，或停用、启用它。"""
    asked = body(api.RuleChange, days=days, is_on=is_on)
    with acting(as_user) as work:
        change.change(work.session, work.actor, rule_id, days=asked.days, is_on=asked.is_on, now=work.now)
        found = change.rules(work.session)
    _show(found, as_json)


def _show(found: Sequence[change.RuleView], as_json: bool) -> None:
    if as_json:
        emit({"rules": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(f"{each.rule_id}\t{each.subject_name}\t{each.when}\t{each.whom}\t{'提醒' if each.is_on else '不提醒'}")
