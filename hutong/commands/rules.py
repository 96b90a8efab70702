"""``hutong rules``: the limits in force (办理期限), the regulation's and shorter ones of this place."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from directory.rules import api
from hutong.acting import AsJson, AsPerson, AsReader, acting, body_of_texts, looking
from hutong.console import emit, say
from hutong.files import read_bytes
from metadata.formats.text_encoding import text_of

app = typer.Typer(help="办理期限：条例的，和本地更短的。")

SAMPLE = Path(api.__file__).with_name("sample.csv")


@app.command("list")
def list_rules(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出各项期限：法定几个工作日，本地几个。"""
    with looking(as_user) as work:
        found = api.list_rules(work.session, work.actor)
    _show(found, as_json)


@app.command()
def enter(
    file: Annotated[Path, typer.Argument(metavar="文件", help="CSV，样例见 hutong rules sample。")],
    effective: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="自哪天收到的事项起执行。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """录入一套本地期限；有一条不合法就一条也不录。"""
    lines = csv.DictReader(io.StringIO(text_of(read_bytes(file), file.name).text), restkey="多余的列")
    limits = [body_of_texts(api.NewRule, line | {"effective_on": effective.date().isoformat()}) for line in lines]
    with acting(as_user) as work:
        for each in limits:
            api.enter_rule(each, work.session, work.actor)
        found = api.list_rules(work.session, work.actor)
    _show(found, as_json)


@app.command()
def sample() -> None:
    """打印一套更短的期限作样例；内容是虚构的。"""
    say(SAMPLE.read_text(encoding="utf-8").rstrip())


def _show(found: list[api.RuleLine], as_json: bool) -> None:
    if as_json:
        emit({"rules": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        local = f"{each.limit_days}（{each.basis}）" if each.basis else "同法定"
        say(f"{each.rule_id}\t{each.name}\t第 {each.article} 条\t法定 {each.national_limit_days}\t本地 {local}")
        for row in each.coming:
            say(f"\t{row.effective_on} 起 {row.limit_days}（{row.basis}）")
