"""The cells of an import on the command line: what is wrong with them, what they become; and its workbook."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import Field, TypeAdapter, ValidationError

from directory.imports import api, repairs
from directory.imports.models import STANDINGS, STATES
from directory.imports.views import ImportView
from directory.limits import LIMITS
from hutong.acting import AsJson, AsPerson, acting
from hutong.console import emit, say, tell
from hutong.errors import HutongError
from hutong.files import write_bytes
from metadata.formats.doctor.fault import FAULTS

Number = Annotated[UUID, typer.Argument(metavar="导入编号", help="导入编号。")]
PageNumber = Annotated[int, typer.Option("--page", min=1, max=100_000, help="第几页。")]
_NUMBER = TypeAdapter(Annotated[int, Field(ge=1, le=10_000_000)])


class Form(StrEnum):
    """Which workbook is wanted."""

    ORIGINAL = "original"
    REPAIRED = "repaired"
    MARKED = "marked"


def add_cells(app: typer.Typer) -> None:
    """The commands of this file."""
    app.command("cells")(list_cells)
    app.command("choose")(choose_cells)
    app.command("repair")(apply_repairs)
    app.command("save")(save_workbook)


def list_cells(
    number: Number,
    as_user: AsPerson,
    of: Annotated[str, typer.Option(help=f"broken 须改、doubtful 存疑，或一类修复：{'、'.join(FAULTS)}。")] = "",
    page: PageNumber = 1,
    as_json: AsJson = False,
) -> None:
    """逐个列出有问题的单元格：原来是什么，修复后是什么，为什么。"""
    with acting(as_user) as work:
        found = api.list_cells(number, work.session, work.actor, of, page)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.cells:
        after = each.typed if each.typed is not None else each.after
        mark = "✓" if each.is_chosen else " "
        change = f"{each.before} → {after}" if after is not None else f"{each.before} → （请填写）"
        say(f"{each.number}\t{mark}\t{each.sheet}!{each.column}{each.row}\t{change}\t{each.problem}")
    tell_more(found.page, len(found.cells), LIMITS.list_count, found.total)


def choose_cells(
    number: Number,
    as_user: AsPerson,
    take: Annotated[list[int] | None, typer.Option("--take", min=1, help="要修复的单元格编号，可重复。")] = None,
    leave: Annotated[list[int] | None, typer.Option("--leave", min=1, help="不修复的单元格编号，可重复。")] = None,
    words: Annotated[
        list[str] | None, typer.Option("--set", help="自己填写：编号=新值，如 --set 12=示例市水利局，可重复。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """逐个选定单元格修复与否，或填写新值；用 repair 应用。"""
    chosen = [repairs.CellChoice(each, is_chosen=True) for each in take or []]
    chosen += [repairs.CellChoice(each, is_chosen=False) for each in leave or []]
    chosen += [_typed(each) for each in words or []]
    if len({each.number for each in chosen}) != len(chosen):
        raise HutongError("ARGUMENT_BAD", what="同一编号写了两次", what_en="a number stands twice")
    with acting(as_user) as work:
        view = ImportView.of(work.session, repairs.choose_cells(work.session, work.actor, number, chosen))
    tell_import(view, as_json)


def apply_repairs(
    number: Number,
    as_user: AsPerson,
    faults: Annotated[
        list[str] | None, typer.Option("--fault", help="修复哪一类；其中逐个选定过的只修选定的，可重复。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """应用修复和填写的新值，成为文件的新一版；随后须再检查。"""
    with acting(as_user) as work:
        view = ImportView.of(work.session, repairs.apply(work.session, work.actor, number, faults or [], work.now))
    tell_import(view, as_json)


def save_workbook(
    number: Number,
    as_user: AsPerson,
    out: Annotated[Path, typer.Argument(metavar="文件", help="写入的文件。")],
    form: Annotated[Form, typer.Option(help="original 原件、repaired 已修复、marked 标注了单元格。")] = Form.MARKED,
    as_json: AsJson = False,
) -> None:
    """取出工作簿：原件、已修复的，或标注了问题的。"""
    with acting(as_user) as work:
        data, _ = repairs.workbook(work.session, work.actor, number, form.value)
    write_bytes(out, data)
    if as_json:
        emit({"out": out, "form": form.value, "bytes": len(data)})
    else:
        say(f"已写出 {out}")


def _typed(text: str) -> repairs.CellChoice:
    number, is_given, words = text.partition("=")
    try:
        if is_given:
            return repairs.CellChoice(_NUMBER.validate_strings(number), is_chosen=True, typed=words)
    except ValidationError:
        pass
    raise HutongError("ARGUMENT_BAD", what="--set（写成 编号=新值）", what_en="--set is written NUMBER=VALUE")


def tell_import(view: ImportView, as_json: bool) -> None:
    """Where an import stands."""
    if as_json:
        emit(view.model_dump(mode="json"))
        return
    say(f"导入编号 {view.id}（{STATES[view.state]}，第 {view.revision} 次修复后，{view.rows} 行）")
    if view.state != "uploaded":
        cells = view.cells
        say(f"单元格：须改 {cells['broken']}，可修复 {cells['repairable']}，存疑 {cells['doubtful']}")
        for fault in view.faults:
            say(f"  {fault.fault}\t{fault.cells} 处，有把握 {fault.certain}，已选 {fault.chosen}")
        stands = "，".join(f"{STANDINGS[each]} {view.entries.get(f'standing.{each}', 0)}" for each in STANDINGS)
        say(f"目录：{stands}；选定更新 {view.entries['chosen']}")


def tell_more(page: int, shown: int, size: int, total: int) -> None:
    """That there is more, or nothing."""
    if page * size < total:
        tell(f"共 {total}，往下：--page {page + 1}")
    elif not shown:
        tell("没有")
