"""``hutong catalogue``: import, check, find and hand on catalogue entries."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from directory.accounts.register import service_actor
from directory.clock.today import shanghai_today
from directory.item_match.keep import keep_all
from directory.organisations.queries import organisation
from directory.resources.exporting import FORMATS, publisher
from directory.resources.queries import find, search_rows, shown_record, version_record
from directory.resources.reading import read_file
from directory.resources.states import STATUSES
from directory.search.asking import SearchQuery
from directory.search.filters import FILTERS
from directory.search.index import SearchIndex
from directory.search.queries import search
from directory.search.suggest import suggest
from hutong.acting import AsReader, entry_ref, looking
from hutong.catalogue_files import WrittenEntries, write_entries
from hutong.catalogue_import import import_file, list_imports, undo_import
from hutong.catalogue_report import say_findings, tell_cells
from hutong.catalogue_steps import add_steps
from hutong.catalogue_versions import add_versions
from hutong.console import emit, progress, say, tell
from hutong.directory_access import Opened, open_directory
from hutong.errors import HutongError
from hutong.files import read_bytes, write_bytes
from metadata.formats import template
from metadata.resource import Party
from metadata.rules import check, lacks
from standards.findings import errors

app = typer.Typer(help="目录：导入、导出、检查、检索、撰写、审批、版本。")

_XML = "xml"
_FORMATS = "；".join(f"{name} {form.label}" for name, form in FORMATS.items())
_FILTERS = "、".join(each.name for each in FILTERS)
MOST_TYPED = 200
_LISTED = frozenset(each.name for each in FILTERS if each.default == ())

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
File = Annotated[Path, typer.Argument(metavar="文件", help="目录工作簿（xlsx、xls、csv）或核心元数据 XML。")]


app.command("import")(import_file)
app.command("imports")(list_imports)
app.command("undo")(undo_import)


@app.command()
def validate(file: File, as_json: AsJson = False) -> None:
    """检查文件中的目录：能否读出，是否自相矛盾，离发布还缺什么；有错误时退出码 1。

    只读文件，不连目录，所以不问身份。
    """
    incoming = read_file(read_bytes(file), file.name)
    today = shanghai_today()
    found = [(each, check(each.record, today), lacks(each.record)) for each in incoming.records]
    broken = [each for each in incoming.findings if each.severity == "error"]
    count = len(broken) + sum(len(errors(findings)) for _, findings, _ in found)
    if as_json:
        emit(
            {
                "records": [
                    {
                        "place": each.place,
                        "title": each.record.title,
                        "findings": [finding.model_dump() for finding in findings],
                        "lacks": [finding.model_dump() for finding in missing],
                    }
                    for each, findings, missing in found
                ],
                "cells": [each.model_dump() for each in incoming.findings],
                "errors": count,
            }
        )
    else:
        tell_cells(incoming, say)
        say_findings((each, [*findings, *missing]) for each, findings, missing in found)
        say(f"{len(found)} 条目录，{count} 处错误")
    if count:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="文件", help="写入的文件；xml、dc 是每条一个文件的目录。")],
    form: Annotated[str, typer.Option("--format", help=f"格式：{_FORMATS}。")] = _XML,
    as_template: Annotated[bool, typer.Option("--template", help="写出供填写的空白工作簿（xlsx），不含目录。")] = False,
    provider: Annotated[str, typer.Option(help="只导出此部门的，或写出给此部门填写的（统一社会信用代码）。")] = "",
    as_json: AsJson = False,
) -> None:
    """导出已发布的目录，或供部门填写的空白工作簿。

    已发布的人人可见，所以不问身份。
    """
    if form not in FORMATS:
        raise HutongError("FORMAT_NOT_OFFERED", format=form, offered=list(FORMATS))
    with open_directory() as opened, opened.sessions() as session:
        own = organisation(session, provider) if provider else None
        if as_template:
            write_bytes(out, template.write(Party(name=own.name, code=own.real_code) if own else None))
            written = WrittenEntries(0)
        else:
            rows = (
                row for row in search_rows(session) if row.is_public and (not own or row.entry.org_code == own.code)
            )
            whose = publisher(opened.settings.city_name, opened.settings.public_url)
            written = write_entries(out, FORMATS[form], rows, whose)
    if as_json:
        kind = "template" if as_template else form
        emit({"exported": written.count, "out": out, "format": kind, "not_held": dict(written.not_held)})
    elif as_template:
        say(f"空白工作簿：{out}")
    else:
        say(f"已导出 {written.count} 条到 {out}" if written.count else "没有已发布的目录，没有写出文件")
        for what, count in written.not_held.items():
            tell(f"此格式不能保存：{what}（{count} 条）")


@app.command("search")
def search_words(
    words: Annotated[str, typer.Argument(metavar="检索词", help="要找的词，空格隔开的都须命中；不写则列出全部。")] = "",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", "-f", help=f"筛选，如 -f library=population；可重复。名称：{_FILTERS}。"),
    ] = None,
    sort: Annotated[str, typer.Option(help="顺序：relevance、updated 或 popularity。")] = "relevance",
    size: Annotated[int, typer.Option(help="最多显示几条。", min=1, max=100)] = 20,
    after: Annotated[str, typer.Option(help="接着上一次的 next 往下列。")] = "",
    as_json: AsJson = False,
) -> None:
    """检索目录（含未发布的）。"""
    query = _asked({"q": words, "sort": sort, "size": size, "after": after}, filters or [])
    with open_directory() as opened:
        index = _index(opened)
        with opened.sessions.begin() as session:
            page = search(session, index, service_actor(session), query)
    if as_json:
        emit(to_jsonable_python(asdict(page)))
        return
    for item in page.items:
        say(f"{item.identifier or item.id}\t{item.title}\t{item.provider}\t{STATUSES[item.status]}")
    rest = f"，列出第 {page.first}–{page.first + len(page.items) - 1} 条" if page.total > len(page.items) else ""
    say(f"共 {page.total} 条{rest}")
    if page.next:
        tell(f"往下：--after {page.next}")


@app.command("suggest")
def suggest_words(
    typed: Annotated[str, typer.Argument(metavar="文字", help="已输入的字、拼音或拼音首字母。")],
    as_json: AsJson = False,
) -> None:
    """接着可能要输入的：部门，和名称相近的目录。"""
    if len(typed) > MOST_TYPED:
        raise HutongError("ARGUMENT_BAD", what=f"最多 {MOST_TYPED} 个字", what_en=f"at most {MOST_TYPED} characters")
    with open_directory() as opened:
        index = _index(opened)
        with opened.sessions.begin() as session:
            found = suggest(session, index, service_actor(session), typed)
    if as_json:
        emit({"suggestions": [asdict(each) for each in found]})
        return
    for each in found:
        say(f"{'部门' if each.kind == 'provider' else '目录'}\t{each.text}\t{each.ref}")
    if not found:
        tell("没有相近的")


@app.command()
def show(
    ref: Annotated[str, typer.Argument(metavar="目录", help="标识符、资源代码或 UUID。")],
    wanted: Annotated[int | None, typer.Option("--version", min=1, help="显示哪一版；缺省为正在编辑的。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """显示一条目录，或它的某一版。"""
    with looking(as_user) as work:
        session, actor = work.session, work.actor
        entry = find(session, actor, entry_ref(session, ref))
        status, version = entry.status, wanted or entry.current_version
        record = version_record(session, actor, entry, wanted) if wanted else shown_record(session, actor, entry)
    if as_json:
        emit({"status": status, "version": version, "record": record.model_dump(mode="json")})
        return
    say(f"{record.title}（{STATUSES[status]}，第 {version} 版）")
    say(f"标识符 {record.identifier or '–'}　资源代码 {record.code or '–'}　提供部门 {record.provider.name}")
    say(record.abstract or "（没有摘要）")
    for item in record.items:
        kind = f"{item.type_code}{item.length or ''}"
        say(f"  {item.field}	{item.name}	{kind}{'，主键' if item.is_key else ''}")


add_versions(app)
add_steps(app)


@app.command()
def reindex(as_json: AsJson = False) -> None:
    """重建检索索引；重建期间检索不中断。"""
    with open_directory() as opened:
        count = _index(opened).rebuild()
    if as_json:
        emit({"indexed": count})
    else:
        say(f"索引已重建：{count} 条")


@app.command("keep-items")
def keep_items(as_json: AsJson = False) -> None:
    """把已发布目录的数据项记下来供比对（服务运行时会自己做）；中断后再执行，接着做。"""
    with open_directory() as opened:
        total = kept = 0
        for kept, total in keep_all(opened.sessions):
            progress(kept, total, "条目录")
    if as_json:
        emit({"kept": total})
    else:
        say(f"已记下 {total} 条目录的数据项" if total else "已发布目录的数据项都已记下")


def _index(opened: Opened) -> SearchIndex:
    return SearchIndex(opened.settings.home / "directory" / "search", opened.sessions)


def _asked(asked: dict[str, object], filters: list[str]) -> SearchQuery:
    """The query of what was typed; raises ``SEARCH_NOT_UNDERSTOOD`` naming what cannot be read."""
    many: dict[str, list[str]] = {}
    for each in filters:
        name, _, value = each.partition("=")
        many.setdefault(name.strip(), []).append(value.strip())
    for name, values in many.items():
        asked[name] = values if name in _LISTED else values[-1]
    try:
        return SearchQuery.model_validate(asked)
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][0]) for each in error.errors())
        raise HutongError("SEARCH_NOT_UNDERSTOOD", what=list(wrong), filters=_FILTERS) from None
