"""``hutong catalogue import`` and ``undo``: a file into drafts in one go, and back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.imports import api
from directory.imports.knowledge import knowledge
from directory.imports.models import STATES
from directory.imports.queries import entry_counts
from directory.imports.refusal import refusal
from directory.imports.run import import_at_once
from directory.imports.undo import undo
from directory.organisations.queries import organisation
from directory.resources.reading import Incomings, from_sheets, is_workbook, read_file, read_sheets
from hutong.acting import AsImporter, AsReader, looking
from hutong.catalogue_report import describe, tell_cells, tell_repairs, write_reports
from hutong.console import emit, minute, say, tell
from hutong.errors import HutongError
from hutong.files import read_bytes
from metadata.formats.column_mapping import ColumnMapping, propose
from metadata.formats.doctor.diagnosis import diagnose
from metadata.formats.doctor.fault import Repair
from metadata.formats.doctor.repair import repair
from metadata.formats.sheet import Sheet
from metadata.record import Record
from metadata.resource import Party

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
File = Annotated[
    Path, typer.Argument(metavar="文件", help="目录工作簿（xlsx、xls、csv）、XML（核心元数据、DC、ISO 19139）或 DCAT。")
]


class ColumnChoice(Record):
    """What one column is: a line of the file given as ``--mapping``; an empty element leaves it out."""

    sheet: str
    index: int
    element: str


_CHOICES = TypeAdapter(list[ColumnChoice])


@dataclass(frozen=True)
class _Read:
    """The file as it is to be imported, what was read of it, and what can (or, ``is_repaired``, could) be repaired."""

    data: bytes
    incoming: Incomings
    repairs: tuple[Repair, ...] = ()
    sheets: tuple[Sheet, ...] = ()


def import_file(
    file: File,
    provider: Annotated[str, typer.Option(help="文件没有写明提供部门时，用此部门（统一社会信用代码）。")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入；文件能读出即退出码 0。")] = False,
    report: Annotated[Path | None, typer.Option(help="报告：写出同名的 .json 和标注了单元格的 .xlsx。")] = None,
    repairs: Annotated[bool, typer.Option("--repair", help="先做有把握的修复，原文件不动。")] = False,
    only_good: Annotated[bool, typer.Option("--only-good", help="不能导入的略过，其余照常导入。")] = False,
    without_broken: Annotated[
        bool, typer.Option("--without-broken", help="不能采用的单元格留空，所在的目录照常导入；报告逐格列出。")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="各列对应，JSON：[{sheet, index（从 0 起）, element（空为不导入）}]。")
    ] = None,
    as_user: AsImporter = "",
    as_json: AsJson = False,
) -> None:
    """导入为草稿：要么全部导入，要么全部不导入；同一文件再次导入不会重复；七天内可用 hutong catalogue undo 撤回。"""
    data = read_bytes(file)
    choices = _choices(mapping) if mapping is not None else ()
    with looking(as_user) as work:
        session = work.session
        own = organisation(session, provider) if provider else None
        party = Party(name=own.name, code=own.real_code) if own else None
        read = _read(session, data, file.name, party, choices, own.code if own else None)
        if repairs:
            read = _repaired(read, file.name, party, choices)
        incoming = read.incoming
        tell(f"读出 {incoming.rows} 行，{len(incoming.records)} 条目录")
        tell_cells(incoming, tell)
        tell_repairs([each for each in read.repairs if each.is_certain or not repairs], is_made=repairs)
        if report is not None:  # before anything is imported: a report that cannot be written stops it
            left = [each for each in read.repairs if not (repairs and each.is_certain)]
            write_reports(report, incoming, read.data, file, left, read.sheets)
        data, read = read.data, replace(read, sheets=(), repairs=())  # a large file's cells take room
        done, row = import_at_once(
            session,
            work.actor,
            data,
            file.name,
            incoming,
            work.settings.classes,
            work.now,
            is_dry_run=dry_run,
            only_good=only_good,
            without_broken=without_broken,
        )
        made = row.id if row is not None else None
    if as_json:
        result = asdict(replace(done, outcomes=[]))
        del result["outcomes"]
        emit({**result, "findings": len(incoming.findings), "import_id": made})
    else:
        describe(done, is_written=made is not None, only_good=only_good)
        if made is not None:
            say(f"导入编号 {made}，七天内可撤回：hutong catalogue undo {made}")
    if done.refused and not dry_run and not only_good:
        raise _with_rest(refusal(done))


def _with_rest(error: DirectoryError) -> DirectoryError:
    error.values["rest"] = "加 --json 列出全部"
    return error


def undo_import(
    number: Annotated[UUID, typer.Argument(metavar="导入编号", help="导入编号。")],
    as_user: AsImporter = "",
    as_json: AsJson = False,
) -> None:
    """撤回一次导入：没有人动过的草稿作废，更新过的恢复原内容，之后有人改过的不动；标识符不再使用。"""
    with looking(as_user) as work:
        counts = entry_counts(work.session, undo(work.session, work.actor, number, work.now))
    discarded, restored, kept = (counts.get(f"reversal.{name}", 0) for name in ("discarded", "restored", "kept"))
    if as_json:
        emit({"import_id": number, "discarded": discarded, "restored": restored, "kept": kept})
    else:
        say(f"作废草稿 {discarded} 条，恢复原内容 {restored} 条，之后有人改过、没有动的 {kept} 条")


def list_imports(
    page: Annotated[int, typer.Option(min=1, max=100_000, help="第几页，每页 100 次。")] = 1,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出各次导入，新的在前：文件、进展，和撤回要用的编号。"""
    with looking(as_user) as work:
        found = api.list_imports(work.session, work.actor, page)
    if as_json:
        emit({"imports": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(f"{each.id}\t{minute(each.uploaded_at)}\t{each.file_name}\t{STATES[each.state]}")
    if not found:
        tell("还没有导入")


def _read(
    session: Session,
    data: bytes,
    name: str,
    party: Party | None,
    choices: Sequence[ColumnChoice],
    provider_code: str | None,
) -> _Read:
    if not is_workbook(name):
        return _Read(data, read_file(data, name, party))
    sheets = read_sheets(data, name)
    mapping = _mapping(sheets, choices)
    incoming = from_sheets(sheets, name, party, mapping)
    known = knowledge(session, [each.record for each in incoming.records], provider_code)
    return _Read(data, incoming, diagnose(sheets, mapping or propose(sheets).certain(), known), sheets)


def _repaired(read: _Read, name: str, party: Party | None, choices: Sequence[ColumnChoice]) -> _Read:
    """The same with every certain repair made in it."""
    certain = [each for each in read.repairs if each.is_certain and each.after is not None]
    if not certain:
        return read
    data = repair(read.data, name, certain, read.sheets)
    sheets = read_sheets(data, name)
    return replace(read, data=data, sheets=sheets, incoming=from_sheets(sheets, name, party, _mapping(sheets, choices)))


def _mapping(sheets: Sequence[Sheet], choices: Sequence[ColumnChoice]) -> ColumnMapping | None:
    """What was chosen, over what is certain without asking; None where nothing was chosen."""
    if not choices:
        return None
    mapping = propose(sheets).certain()
    for each in choices:
        try:
            mapping = mapping.with_choice(each.sheet, each.index, each.element)
        except KeyError:
            column = f"{each.sheet}/{each.index}/{each.element}"[:100]
            raise DirectoryError("IMPORT_COLUMN_UNKNOWN", column=column) from None
    return mapping


def _choices(path: Path) -> list[ColumnChoice]:
    try:
        return _CHOICES.validate_json(read_bytes(path))
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['type']}"
        raise HutongError("MAPPING_UNREADABLE", path=path, reason=reason) from None
