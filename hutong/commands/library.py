"""``hutong library``: the base libraries' registers, where each item lives, what several departments supply."""

import re
from pathlib import Path
from typing import Annotated

import typer

from directory.clock.deadlines import day_of
from directory.libraries import api, api_duplicates
from directory.libraries.register import ItemEdit, LibraryEdit, NewItem, NewLibrary
from directory.resources import api_templates
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, body_of_file, entry_ref, looking
from hutong.console import emit, say, tell
from hutong.errors import HutongError
from metadata.resource import LIBRARY_PATTERN, Resource

app = typer.Typer(help="基础库：标准数据项、数源部门、一数一源、目录模板。")

Name = Annotated[str, typer.Argument(metavar="库", help="hutong library list 所列的标识。")]
Field = Annotated[str, typer.Argument(metavar="字段", help="数据项的字段名。")]
Basis = Annotated[str, typer.Option(help="依据，记入变更记录。")]


@app.command("list")
def list_libraries(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出各库。"""
    with looking(as_user) as work:
        found = api.list_libraries(work.session, work.actor)
    if as_json:
        emit({"libraries": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        items = f"{each.items} 项（停用 {each.retired}）"
        say(f"{each.name}\t{each.label}\t{each.class_code or '–'}\t{items}\t{each.source}")


@app.command()
def show(name: Name, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一个库：每个数据项在哪些部门、资源和列里（指针），谁是数源部门，哪些没有部门提供。"""
    with looking(as_user) as work:
        library = api.show_library(name, work.session, work.actor)
        items = api.list_items(name, work.session, work.actor)
    if as_json:
        emit({**library.model_dump(mode="json"), "items": [each.model_dump(mode="json") for each in items]})
        return
    say(
        f"{library.label}（{library.name}）：{library.items} 项，已提供 {library.supplied}，无部门提供 {library.gaps}，"
    )
    say(f"多部门提供 {library.doubled}；已发布目录 {library.entries} 条")
    for item in items:
        state = (
            "停用" if item.is_retired else "无部门提供" if item.is_gap else "多部门提供" if item.is_doubled else "有"
        )
        say(f"{item.field}\t{item.name}\t{state}\t数源部门 {item.lead_department or '未定'}")
        for pointer in item.pointers:
            basis = "" if pointer.certainty == "declared" else f"（推断：{pointer.basis}）"
            say(f"  {pointer.department}\t{pointer.title}\t{pointer.item}{basis}")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="库", help="小写字母、数字和下划线，以字母开头。")],
    label: Annotated[str, typer.Argument(metavar="中文名称")],
    as_user: AsPerson,
    class_code: Annotated[str, typer.Option(help="类项目细目代码。")] = "",
    as_json: AsJson = False,
) -> None:
    """添加一个库。"""
    with acting(as_user) as work:
        new = body(NewLibrary, name=name, label=label, class_code=class_code)
        found = api.add_library(new, work.session, work.actor)
    _line(found.model_dump(mode="json"), as_json, f"已添加 {found.label}（{found.name}）")


@app.command()
def change(
    name: Name,
    as_user: AsPerson,
    label: Annotated[str | None, typer.Option(help="中文名称。")] = None,
    class_code: Annotated[str | None, typer.Option(help="类项目细目代码。")] = None,
    basis: Basis = "",
    as_json: AsJson = False,
) -> None:
    """修改库的名称或类目；没写的不变。"""
    with acting(as_user) as work:
        edit = body(LibraryEdit, label=label, class_code=class_code, basis=basis)
        found = api.change_library(name, edit, work.session, work.actor)
    _line(found.model_dump(mode="json"), as_json, f"已修改 {found.label}（{found.name}）")


@app.command("add-item")
def add_item(
    name: Name,
    field: Field,
    item_name: Annotated[str, typer.Argument(metavar="名称")],
    as_user: AsPerson,
    representation: Annotated[str, typer.Option(help="表示，如 an18。")] = "",
    code_list: Annotated[str, typer.Option(help="代码表。")] = "",
    rule: Annotated[str, typer.Option(help="规则。")] = "",
    sensitivity: Annotated[str, typer.Option(help="敏感程度。")] = "",
    as_json: AsJson = False,
) -> None:
    """在库中添加一个数据项。"""
    with acting(as_user) as work:
        new = body(
            NewItem,
            field=field,
            name=item_name,
            representation=representation,
            code_list=code_list,
            rule=rule,
            sensitivity=sensitivity,
        )
        found = api.add_item(name, new, work.session, work.actor)
    _line(found.model_dump(mode="json"), as_json, f"已添加 {found.name}（{found.field}）")


@app.command("change-item")
def change_item(
    name: Name,
    field: Field,
    as_user: AsPerson,
    item_name: Annotated[str | None, typer.Option("--name", help="名称。")] = None,
    representation: Annotated[str | None, typer.Option(help="表示。")] = None,
    code_list: Annotated[str | None, typer.Option(help="代码表。")] = None,
    rule: Annotated[str | None, typer.Option(help="规则。")] = None,
    sensitivity: Annotated[str | None, typer.Option(help="敏感程度。")] = None,
    is_retired: Annotated[bool | None, typer.Option("--retire/--restore", help="停用，或恢复使用。")] = None,
    lead: Annotated[str | None, typer.Option(help="数源部门的统一社会信用代码；空字符串为不定。")] = None,
    basis: Basis = "",
    as_json: AsJson = False,
) -> None:
    """修改数据项、停用它，或确定它的数源部门（--lead）；没写的不变。"""
    with acting(as_user) as work:
        edit = body(
            ItemEdit,
            name=item_name,
            representation=representation,
            code_list=code_list,
            rule=rule,
            sensitivity=sensitivity,
            is_retired=is_retired,
            lead_department=lead,
            basis=basis,
        )
        found = api.change_item(name, field, edit, work.session, work.actor)
    lead_text = f"，数源部门 {found.lead_department}" if found.lead_department else ""
    _line(found.model_dump(mode="json"), as_json, f"已修改 {found.name}（{found.field}）{lead_text}")


@app.command()
def duplicates(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """一数一源：多个部门提供的数据项，和不同部门看来相同的目录。"""
    with looking(as_user) as work:
        found = api_duplicates.show_duplicates(work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.doubled:
        lead = each.lead_department or "未定"
        say(f"{each.library}\t{each.name}（{each.field}）\t{len(each.departments)} 个部门提供\t数源部门 {lead}")
    for pair in found.alike:
        alike = f"名称 {pair.titles:.0%}，信息项 {pair.items:.0%}"
        say(f"{pair.one.title}（{pair.one.org_code}）\t{pair.other.title}（{pair.other.org_code}）\t{alike}")
    if not found.is_whole:
        tell("已发布的目录太多，只比较了一部分")


@app.command("templates")
def list_templates(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出各库的目录模板：几个信息项，信息办何时改过。"""
    with looking(as_user) as work:
        found = api_templates.list_templates(work.session, work.actor)
    if as_json:
        emit({"templates": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        edited = str(day_of(each.edited_at)) if each.edited_at else "自带的"
        say(f"{each.library}\t{each.label}\t{each.items} 项\t{edited}")


@app.command()
def template(name: Name, as_user: AsPerson, as_json: AsJson = False) -> None:
    """显示本部门编这个库的目录时从什么开始。"""
    _require_name(name)
    with acting(as_user) as work:
        found = api_templates.show_template(name, work.session, work.actor)
    _template(found, as_json)


@app.command("set-template")
def set_template(
    name: Name,
    as_user: AsPerson,
    file: Annotated[Path | None, typer.Option(help="模板的 JSON，字段同一条目录。")] = None,
    source: Annotated[str, typer.Option("--from", help="以这条目录为模板：标识符、资源代码或 UUID。")] = "",
    as_json: AsJson = False,
) -> None:
    """设定库的目录模板；名称、编号、共享方式、评估和挂接不进模板。"""
    if (file is None) == (not source):
        raise HutongError(
            "ARGUMENT_BAD", what="--file 与 --from 须给出且只给出一个", what_en="one of --file and --from, not both"
        )
    _require_name(name)
    with acting(as_user) as work:
        if file is not None:
            found = api_templates.put_template(name, body_of_file(Resource, file), work.session, work.actor)
        else:
            of = body(api_templates.Source, **{"from": entry_ref(work.session, source)})
            found = api_templates.put_template_from(name, of, work.session, work.actor)
    _template(found, as_json)


def _require_name(name: str) -> None:
    if not re.fullmatch(LIBRARY_PATTERN, name):
        raise HutongError("ARGUMENT_BAD", what="库", what_en="the library's name")


def _template(found: Resource, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{found.library or '–'}：{len(found.items)} 个信息项")
    for item in found.items:
        say(f"  {item.field}\t{item.name}\t{item.type_code}{item.length or ''}")


def _line(found: dict[str, object], as_json: bool, text: str) -> None:
    if as_json:
        emit(found)
    else:
        say(text)
