"""``hutong prefix``: who holds which prefix (前段码), and the classes under which codes are minted."""

from typing import Annotated

import typer

from directory.prefixes import api
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, looking
from hutong.console import emit, say

app = typer.Typer(help="标识符前段码和类目的登记。")

Org = Annotated[str, typer.Argument(metavar="部门", help="统一社会信用代码。")]


@app.command("list")
def list_prefixes(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出前段码：谁持有、编了多少标识符、哪些码段下放给了谁。"""
    with looking(as_user) as work:
        found = api.list_prefixes(work.session, work.actor)
    _show(found, as_json)


@app.command()
def allot(
    code: Annotated[str, typer.Argument(metavar="前段码")], org: Org, as_user: AsPerson, as_json: AsJson = False
) -> None:
    """把前段码分配给部门；它原有的停用，已编的标识符不变。"""
    with acting(as_user) as work:
        found = api.allot_prefix(body(api.NewPrefix, code=code, org_code=org), work.session, work.actor)
    _show(found, as_json)


@app.command()
def delegate(
    stem: Annotated[str, typer.Argument(metavar="码段", help="前段码的开头几位。")],
    org: Org,
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """把一个码段下放给部门，由它分配以此开头的前段码。"""
    with acting(as_user) as work:
        found = api.delegate_stem(body(api.NewPrefix, code=stem, org_code=org), work.session, work.actor)
    _show(found, as_json)


@app.command()
def close(code: Annotated[str, typer.Argument(metavar="前段码")], as_user: AsPerson, as_json: AsJson = False) -> None:
    """停用前段码；已编的标识符不变，号码不再给别人。"""
    with acting(as_user) as work:
        found = api.close_prefix(code, work.session, work.actor)
    _show(found, as_json)


@app.command("classes")
def list_classes(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出编资源代码用的类、项、目、细目。"""
    with looking(as_user) as work:
        found = api.list_classes(work.session, work.actor)
    _show_classes(found, as_json)


@app.command("add-class")
def add_class(
    code: Annotated[str, typer.Argument(metavar="类目代码")],
    name: Annotated[str, typer.Argument(metavar="名称")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """在已列的类目之下登记本地的目或细目。"""
    with acting(as_user) as work:
        found = api.add_class(body(api.NewClass, code=code, name=name), work.session, work.actor)
    _show_classes(found, as_json)


@app.command("retire-class")
def retire_class(
    code: Annotated[str, typer.Argument(metavar="类目代码")], as_user: AsPerson, as_json: AsJson = False
) -> None:
    """停用本地类目；已编的代码不变。"""
    with acting(as_user) as work:
        found = api.retire_class(code, work.session, work.actor)
    _show_classes(found, as_json)


def _show(found: api.Register, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.prefixes:
        say(f"{each.code}\t{each.org_name}\t已编 {each.minted}\t{'已停用' if each.closed_at else '使用中'}")
    for handed in found.delegations:
        say(f"{handed.stem}…\t下放给 {handed.org_name}")


def _show_classes(found: list[api.ClassLine], as_json: bool) -> None:
    if as_json:
        emit({"classes": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        origin = "本地" if each.origin == "local" else "指南"
        say(f"{each.code}\t{each.name}\t{origin}{'，已停用' if each.retired_at else ''}")
