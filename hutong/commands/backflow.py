"""``hutong backflow``: what higher levels hold of one's own territory, and asking for it (Art. 24)."""

from pathlib import Path
from typing import Annotated

import typer

from directory.access.views import view
from directory.backflow import api
from directory.backflow.ask import BackflowAsk, ask
from hutong.acting import AsJson, AsPerson, acting, body_of_file
from hutong.console import emit, say, tell

app = typer.Typer(help="数据回流：上级部门手里本地区的数据（条例第 24 条），不附加条件。")


@app.command("list")
def list_offers(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出本地区的范围，和上级部门可以要回的目录。"""
    with acting(as_user) as work:
        found = api.browse(work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    if found.territory:
        codes = "、".join(found.territory.prefixes)
        say(f"{found.territory.region_code}\t{found.territory.region_name}\t代码以 {codes} 开头的行")
        for code, name in found.territory.divided:
            say(f"{code}\t{name}\t撤并时只有一部分划入，按旧代码分不清，不在内")
    else:
        tell("本部门还没有登记行政区划代码")
    for each in found.items:
        items = "、".join(name for _, name in each.items)
        reply = "有常设同意，当即答复" if each.is_answered_at_once else "1 个工作日内答复"
        say(f"{each.resource_id}\t{each.provider_name}\t{each.title}\t按{items}\t{reply}")
    if not found.items:
        tell("没有可以要回的目录")


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON，字段同 POST /api/v1/backflow/requests。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """起草一份回流申请；本部门共享工作机构负责人批准后直接到提供部门。"""
    asked = body_of_file(BackflowAsk, file)
    with acting(as_user) as work:
        row = ask(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    rows = shown.record.row_filter
    codes = "、".join(rows.prefixes) if rows is not None and rows.template == "region" else "–"
    say(f"{shown.id}\t{shown.provider_name}\t{shown.resource_title}\t{shown.state_name}\t代码以 {codes} 开头的行")
