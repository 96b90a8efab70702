"""``hutong holidays``: the holiday notices (放假安排) that every term is counted over."""

from pathlib import Path
from typing import Annotated

import typer

from directory.holidays import api
from directory.holidays.enter import MOVED_NAMES, refuse
from directory.holidays.notice import NamedDay, as_text, read
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, say
from hutong.files import read_bytes
from metadata.formats.text_encoding import text_of

app = typer.Typer(help="放假安排：所有期限所依的工作日历。")

Year = Annotated[int, typer.Argument(metavar="年份", min=1900, max=9999)]


@app.command()
def show(
    year: Annotated[int, typer.Argument(metavar="年份", help="不写为今年。", max=9999, show_default=False)] = 0,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """显示一年的放假与调休上班的日子。"""
    with looking(as_user) as work:
        year = year or work.today.year
        found = api.show_year(year, work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{year} 年，依据：{found.source}")
    for words, days in (("放假", found.off), ("调休上班", found.make_up)):
        say(f"{words} {len(days)} 天：")
        say(as_text(NamedDay(each.day, each.name) for each in days))


@app.command()
def enter(
    year: Year,
    file: Annotated[Path, typer.Argument(metavar="文件", help="通知原文（txt），写着“上班”的句子为调休上班。")],
    as_user: AsPerson,
    source: Annotated[str, typer.Option(help="依据，如通知的文号。")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看哪些期限会移动，不保存。")] = False,
    as_json: AsJson = False,
) -> None:
    """录入或改正一年的放假安排；正在计时的期限随之移动并逐项列出。"""
    notice, faults = read(year, source, text_of(read_bytes(file), file.name).text, "")
    refuse(year, faults)
    lists = api.Lists.model_validate(notice)
    with acting(as_user) as work:
        found = api.enter_year(year, lists, work.session, work.actor, dry_run=dry_run)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.moved:
        what = MOVED_NAMES[each.kind]
        say(f"{each.was_due_on} → {each.due_on}\t{each.title}\t{what} {each.id}")
    if dry_run:
        say(f"将移动 {len(found.moved)} 项期限，没有保存")
    else:
        say(f"{year} 年放假安排已保存，移动了 {len(found.moved)} 项期限")
