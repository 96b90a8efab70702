"""``hutong imports``: an import worked on step by step as on its pages: columns, cells, entries, then the whole.

The short way, everything in one go, is ``hutong catalogue import``; ``hutong catalogue undo`` takes either back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import Field, TypeAdapter, ValidationError

from directory.actions import Action
from directory.errors import DirectoryError
from directory.imports import api, check, mapping, queries, run, undo, upload
from directory.imports.broken import CODE
from directory.imports.models import OUTCOMES, STANDINGS, Import
from directory.imports.refusal import refusal
from directory.imports.views import ColumnView, ImportView, RunView
from directory.limits import LIMITS
from hutong.acting import AsJson, AsPerson, Work, acting
from hutong.console import emit, say, tell
from hutong.files import read_bytes
from hutong.import_cells import Number, PageNumber, add_cells, tell_import, tell_more

app = typer.Typer(help="导入：一步一步办理，列、单元格、目录逐个确定（均须指明 --as）。")
add_cells(app)

_SHOWN = 20
_PLACE = TypeAdapter(Annotated[int, Field(ge=0, le=10_000)])


@app.command("upload")
def upload_file(
    file: Annotated[Path, typer.Argument(metavar="文件", help="目录工作簿（xlsx、xls、csv）、XML 或 DCAT。")],
    as_user: AsPerson,
    provider: Annotated[str, typer.Option(help="文件没有写明提供部门时，用此部门（统一社会信用代码）。")] = "",
    as_json: AsJson = False,
) -> None:
    """上传文件，读出各列是什么；还没有任何内容进入目录。"""
    data = read_bytes(file)
    with acting(as_user) as work:
        view = ImportView.of(work.session, upload.upload(work.session, work.actor, data, file.name, provider, work.now))
    tell_import(view, as_json)


@app.command("show")
def show_import(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """办到哪一步，查出多少问题，多少条新增、不同、不能导入。"""
    with acting(as_user) as work:
        view = api.show_import(number, work.session, work.actor)
    tell_import(view, as_json)


@app.command("columns")
def show_columns(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """各列对应的目录要素。"""
    with acting(as_user) as work:
        columns = api.show_mapping(number, work.session, work.actor)
    _columns(columns, as_json)


@app.command("map")
def choose_columns(
    number: Number,
    as_user: AsPerson,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", "-c", help="工作表/列号（从 0 起）=要素，如 -c 目录/3=abstract；= 后为空则不导入。"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """确定各列对应（不写的照所列），检查随之重做；下次同样表头的文件照此对应。"""
    choices = [_column(each) for each in columns or []]
    with acting(as_user) as work:
        mapping.choose(work.session, work.actor, number, choices, work.now)
        found = api.show_mapping(number, work.session, work.actor)
    _columns(found, as_json)


@app.command("check")
def check_import(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """检查：逐格读取，查找可修复的问题，与现有目录比对。"""
    with acting(as_user) as work:
        row = _open(work, number)
        while row.state != "checked":
            row = check.advance(work.session, work.actor, number, work.now)
        view = ImportView.of(work.session, row)
    tell_import(view, as_json)


@app.command("entries")
def list_entries(
    number: Number,
    as_user: AsPerson,
    of: Annotated[str, typer.Option(help=f"{'、'.join((*STANDINGS, *OUTCOMES))}、twins（近似标题）。")] = "",
    page: PageNumber = 1,
    as_json: AsJson = False,
) -> None:
    """文件中的目录：新增、没有变化、不同（哪里不同）、不能导入（为什么）。"""
    with acting(as_user) as work:
        found = api.list_entries(number, work.session, work.actor, of, page)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.entries:
        stands = OUTCOMES.get(each.outcome) or STANDINGS.get(each.standing, "未比对")
        say(f"{each.number}\t{stands}\t{each.place}\t{each.title}\t{each.problem.get('zh', '')}".rstrip())
        for change in each.differences:
            say(f"\t{change['label_zh']}\t{change['before'] or '（无）'} → {change['after'] or '（无）'}")
    tell_more(found.page, len(found.entries), LIMITS.page_count, found.total)


@app.command("update")
def choose_updates(
    number: Number,
    as_user: AsPerson,
    entries: Annotated[
        list[int] | None, typer.Argument(metavar="编号...", min=1, help="要更新的目录编号；不写则一个也不更新。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """与现有目录不同的，选定哪些更新为新版本；其余保留原有。"""
    with acting(as_user) as work:
        row = run.choose_updates(work.session, work.actor, number, entries or [], ())
        view = ImportView.of(work.session, row)
    tell_import(view, as_json)


@app.command("run")
def run_import(
    number: Number,
    as_user: AsPerson,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试，不导入。")] = False,
    only_good: Annotated[bool, typer.Option("--only-good", help="不能导入的略过，其余照常导入。")] = False,
    without_broken: Annotated[
        bool, typer.Option("--without-broken", help="不能采用的单元格留空，所在的新目录照常导入。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """导入：要么全部，要么（--only-good）只导入没有问题的。"""
    with acting(as_user) as work, _saying_where_the_rest_is(number):
        report = run.carry_out(
            work.session,
            work.actor,
            number,
            work.settings.classes,
            work.now,
            is_dry_run=dry_run,
            only_good=only_good,
            without_broken=without_broken,
        )
        if report.refused and not dry_run and not only_good:
            raise refusal(report)
        row = queries.find_import(work.session, work.actor, number, Action.IMPORT_RUN)
        view = RunView.of(report, row.state)
    if as_json:
        emit(view.model_dump(mode="json"))
        return
    done = "将" if dry_run else "已"
    left = len(view.refused)
    say(f"{done}新增 {view.added} 条草稿，更新 {view.updated} 条，未变 {view.unchanged} 条，未导入 {left} 条")
    for each in view.refused[:_SHOWN]:
        tell(f"未导入 {each.place}：{each.title}：{each.zh}")
    if left > _SHOWN:
        tell(f"……共 {left} 条，--json 列出全部；标好的工作簿：hutong imports save {number} FILE.xlsx")


@app.command("undo")
def undo_import(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """撤回：没有人动过的草稿作废，更新过的恢复原内容，之后有人改过的不动。"""
    with acting(as_user) as work:
        view = ImportView.of(work.session, undo.undo(work.session, work.actor, number, work.now))
    tell_import(view, as_json)


@app.command("discard")
def discard_import(number: Number, as_user: AsPerson, as_json: AsJson = False) -> None:
    """放弃还没有导入的文件。"""
    with acting(as_user) as work:
        row = upload.discard_import(work.session, work.actor, number, work.now)
        view = ImportView.of(work.session, row)
    tell_import(view, as_json)


@contextmanager
def _saying_where_the_rest_is(number: UUID) -> Iterator[None]:
    """A refusal names the first of what is in the way: the command that lists all of it."""
    try:
        yield
    except DirectoryError as error:
        listing = "cells {} --of broken" if error.code == CODE else "entries {} --of refused"
        error.values["rest"] = f"hutong imports {listing.format(number)}"
        raise


def _open(work: Work, number: UUID) -> Import:
    return queries.find_import(work.session, work.actor, number, Action.IMPORT_RUN)


def _column(text: str) -> mapping.Choice:
    place, is_given, element = text.rpartition("=")
    sheet, _, index = place.rpartition("/")
    try:
        if not is_given:
            raise DirectoryError("IMPORT_COLUMN_UNKNOWN", column=text[:100])
        return mapping.Choice(sheet, _PLACE.validate_strings(index), element.strip())
    except ValidationError:
        raise DirectoryError("IMPORT_COLUMN_UNKNOWN", column=text[:100]) from None


def _columns(columns: list[ColumnView], as_json: bool) -> None:
    if as_json:
        emit({"columns": [each.model_dump(mode="json") for each in columns]})
        return
    for each in columns:
        say(f"{each.sheet}/{each.index}\t{each.header}\t{each.element or '-'}\t{each.element_label}\t{each.confidence}")
