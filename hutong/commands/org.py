"""``hutong org``: departments."""

from pathlib import Path
from typing import Annotated

import typer

from directory.organisations.importing import read_lines
from directory.organisations.queries import organisations
from directory.organisations.register import add_organisation
from hutong.console import emit, say, tell
from hutong.directory_access import open_directory
from hutong.files import read_bytes

app = typer.Typer(help="部门。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="统一社会信用代码，18 位。")],
    name: Annotated[str, typer.Argument(help="全称。")],
    short: Annotated[str, typer.Option(help="简称。")] = "",
    prefix: Annotated[str, typer.Option(help="GB/T 21063 标识符的前段码，5 位。")] = "",
    office: Annotated[bool, typer.Option("--office", help="信息办（共享主管部门）。")] = False,
    as_json: AsJson = False,
) -> None:
    """登记部门；导入目录时只留了名称的，由此确认。"""
    with open_directory() as opened, opened.sessions.begin() as session:
        add_organisation(session, code=code, name=name, short_name=short, prefix=prefix or None, is_office=office)
    if as_json:
        emit({"code": code, "name": name})
    else:
        say(f"已登记 {name}（{code}）")


@app.command("list")
def list_organisations(as_json: AsJson = False) -> None:
    """列出全部部门。"""
    with open_directory() as opened, opened.sessions() as session:
        lines = [
            {
                "code": each.code,
                "name": each.name,
                "short_name": each.short_name,
                "prefix": each.prefix,
                "is_office": each.is_office,
                "is_confirmed": each.is_confirmed,
            }
            for each in organisations(session)
        ]
    if as_json:
        emit({"organisations": lines})
        return
    for line in lines:
        notes = "、".join(
            word for word, holds in (("信息办", line["is_office"]), ("待确认", not line["is_confirmed"])) if holds
        )
        say(f"{line['code']}\t{line['prefix'] or '–'}\t{line['name']}\t{notes}".rstrip())
    if not lines:
        tell("还没有登记部门；用 hutong org add 或 hutong org import 登记")


@app.command("import")
def import_organisations(
    file: Annotated[Path, typer.Argument(help="CSV：code,name,short_name,prefix，首行为表头。")],
    as_json: AsJson = False,
) -> None:
    """从 CSV 登记部门；已登记的不变，有一行不合要求则全部不导入。"""
    lines = read_lines(file.name, read_bytes(file))
    with open_directory() as opened, opened.sessions.begin() as session:
        known = {each.code for each in organisations(session)}
        new = [line for line in lines if line.code not in known]
        for line in new:
            add_organisation(
                session, code=line.code, name=line.name, short_name=line.short_name, prefix=line.prefix or None
            )
    if as_json:
        emit({"added": len(new), "unchanged": len(lines) - len(new)})
    else:
        say(f"新登记 {len(new)} 个部门，已有 {len(lines) - len(new)} 个")
