"""Entries and their versions on the command line: written from a file, compared, restored, copied, assessed, scored."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import BaseModel, Field

from directory.rates import score_api
from directory.resources import api_assessments, api_versions, edit, queries
from directory.resources.api import Written
from directory.resources.api_assessments import NewAssessment
from directory.resources.assessment_files import SUFFIXES, Document, assessment_file
from directory.resources.comparison import compare
from directory.resources.copy import copy
from directory.resources.register import Saved, register
from directory.resources.restore import restore
from directory.resources.states import STATUSES
from hutong.acting import AsJson, AsPerson, AsReader, Ref, acting, body, body_of_file, entry_ref, looking
from hutong.console import emit, minute, say, tell
from hutong.errors import HutongError
from hutong.files import read_bytes, write_bytes
from metadata.resource import Resource
from metadata.words import ASSESSMENTS
from standards.findings import Finding

WRITING: Final = "撰写（须指明 --as）"
VERSIONS: Final = "版本与质量"


class Kind(StrEnum):
    """What an assessment is about (Art. 13)."""

    SECRECY = "secrecy"
    PERSONAL = "personal_information"


class Shown(BaseModel):
    """What ``hutong catalogue show --json`` writes, as it comes back changed."""

    version: Annotated[int, Field(ge=1)]
    record: Resource


def add_versions(app: typer.Typer) -> None:
    """The commands of this file."""
    app.command("add", rich_help_panel=WRITING)(add)
    app.command("edit", rich_help_panel=WRITING)(edit_entry)
    app.command("copy", rich_help_panel=WRITING)(copy_entry)
    app.command("restore", rich_help_panel=WRITING)(restore_version)
    app.command("assess", rich_help_panel=WRITING)(assess)
    app.command("assessments", rich_help_panel=VERSIONS)(list_assessments)
    app.command("versions", rich_help_panel=VERSIONS)(list_versions)
    app.command("diff", rich_help_panel=VERSIONS)(show_differences)
    app.command("score", rich_help_panel=VERSIONS)(show_score)


def add(
    file: Annotated[Path, typer.Argument(metavar="文件", help="一条目录的 JSON，字段同接口 POST /api/v1/resources。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """登记一条新目录为草稿，编出标识符和资源代码。"""
    record = body_of_file(Resource, file)
    with acting(as_user) as work:
        saved = register(work.session, work.actor, record, work.settings.classes, work.now)
        written = _written(saved)
    _report(written, as_json, "已登记")


def edit_entry(
    ref: Ref,
    file: Annotated[
        Path, typer.Argument(metavar="文件", help="改过的 hutong catalogue show --json 输出（含 version 和 record）。")
    ],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """按改过的内容写出下一版；期间有别人改过则不写（VERSION_CHANGED）。"""
    shown = body_of_file(Shown, file)
    with acting(as_user) as work:
        named = entry_ref(work.session, ref)
        written = _written(edit.edit(work.session, work.actor, named, shown.record, shown.version, work.now))
    _report(written, as_json, "已保存")


def copy_entry(ref: Ref, as_user: AsPerson, as_json: AsJson = False) -> None:
    """复制为本部门的新草稿：新的标识符，不带评估和挂接。"""
    with acting(as_user) as work:
        named = entry_ref(work.session, ref)
        written = _written(copy(work.session, work.actor, named, work.settings.classes, work.now))
    _report(written, as_json, "已复制")


def restore_version(
    ref: Ref,
    version: Annotated[
        int, typer.Argument(metavar="版本", min=1, max=api_versions.MOST_VERSIONS, help="要恢复的版本号。")
    ],
    as_user: AsPerson,
    current: Annotated[int | None, typer.Option(min=1, help="您所见的当前版本；有人改过就不恢复。")] = None,
    as_json: AsJson = False,
) -> None:
    """把旧版本的内容恢复为新的草稿；旧版本本身不变。"""
    with acting(as_user) as work:
        entry = queries.find(work.session, work.actor, entry_ref(work.session, ref), lock=True)
        seen = entry.current_version if current is None else current
        written = _written(restore(work.session, work.actor, str(entry.id), version, seen, work.now))
    _report(written, as_json, f"已恢复第 {version} 版的内容")


def assess(
    ref: Ref,
    kind: Annotated[
        Kind, typer.Argument(metavar="类别", help="secrecy 保密审查，personal_information 个人信息保护影响评估。")
    ],
    as_user: AsPerson,
    conclusion: Annotated[str, typer.Option("--conclusion", "-m", help="结论，1–2000 字。")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="评估日期，如 2026-01-05。")],
    is_failed: Annotated[bool, typer.Option("--failed", help="评估没有通过。")] = False,
    file: Annotated[Path | None, typer.Option(help=f"评估文件：{'、'.join(SUFFIXES)}。")] = None,
    as_json: AsJson = False,
) -> None:
    """记录对当前信息项和共享方式的评估（《条例》第十三条）。"""
    made = body(NewAssessment, kind=kind.value, conclusion=conclusion, assessed_on=on.date(), is_passed=not is_failed)
    document = Document.of(file.name, read_bytes(file)) if file is not None else None
    with acting(as_user) as work:
        saved = edit.assess(
            work.session,
            work.actor,
            entry_ref(work.session, ref),
            kind=made.kind,
            conclusion=made.conclusion,
            assessed_on=made.assessed_on,
            is_passed=made.is_passed,
            now=work.now,
            document=document,
        )
        written = _written(saved)
    _report(written, as_json, "已记录评估" + ("和文件" if document else ""))


def list_assessments(
    ref: Ref,
    number: Annotated[int | None, typer.Option("--file-of", min=1, help="取出第几项评估的文件，写到 --out。")] = None,
    out: Annotated[Path | None, typer.Option(help="评估文件写到这里。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出各项评估和所附文件；--file-of 和 --out 取出其中一个文件。"""
    if (number is None) is not (out is None):
        raise HutongError(
            "ARGUMENT_BAD", what="--file-of、--out（两个一起写）", what_en="--file-of and --out go together"
        )
    with looking(as_user) as work:
        named = entry_ref(work.session, ref)
        lines = api_assessments.list_assessments(named, work.session, work.actor)
        if number is not None and out is not None:
            write_bytes(out, assessment_file(work.session, work.actor, named, number).data)
    if as_json:
        emit({"assessments": [each.model_dump(mode="json") for each in lines]})
        return
    for each in lines:
        held = "已失效" if each.is_void else "通过" if each.is_passed else "未通过"
        kept = f"\t{each.file.name}（{each.file.size_bytes} 字节，SHA-256 {each.file.sha256}）" if each.file else ""
        say(f"{each.number}\t{ASSESSMENTS[each.kind]}\t{held}\t{each.assessed_on}\t{each.assessor}{kept}")
    if not lines:
        tell("还没有登记评估")


def list_versions(ref: Ref, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出各版本，新的在前。"""
    with looking(as_user) as work:
        lines = api_versions.list_versions(entry_ref(work.session, ref), work.session, work.actor)
    if as_json:
        emit({"versions": [each.model_dump(mode="json") for each in lines]})
        return
    for each in lines:
        mark = "\t已发布" if each.is_published else ""
        say(f"第 {each.version} 版\t{minute(each.created_at)}\t{each.title}{mark}")


def show_differences(
    ref: Ref,
    from_version: Annotated[int | None, typer.Option("--from", min=1, help="缺省为已发布的版本。")] = None,
    to_version: Annotated[int | None, typer.Option("--to", min=1, help="缺省为正在编辑的版本。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """比较任意两版，逐字段列出不同。"""
    with looking(as_user) as work:
        entry = queries.find(work.session, work.actor, entry_ref(work.session, ref))
        found = compare(work.session, work.actor, entry, from_version, to_version)
    if as_json:
        differences = [asdict(each) for each in found.differences]
        emit({"from": found.from_version, "to": found.to_version, "differences": differences})
        return
    say(f"第 {found.from_version} 版 → 第 {found.to_version} 版：{len(found.differences)} 处不同")
    for each in found.differences:
        say(f"{each.label_zh}（{each.path}）\t{each.before or '（无）'} → {each.after or '（无）'}")


def show_score(ref: Ref, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """元数据质量得分：每项检查得几分、为什么、怎样得满。"""
    with looking(as_user) as work:
        found = score_api.show_score(entry_ref(work.session, ref), work.session, work.actor)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{found.total} 分（满分 100）")
    for each in found.checks:
        gain = f"；{each.gain}" if each.gain else ""
        say(f"{each.got}/{each.possible}\t{each.name}\t{each.reason}{gain}")


def _written(saved: Saved) -> Written:
    """Read while the transaction is open."""
    return Written.of(saved)


def _report(written: Written, as_json: bool, what: str) -> None:
    if as_json:
        emit(written.model_dump(mode="json"))
        return
    name = written.identifier or str(written.id)
    say(f"{what}：{name}，第 {written.version} 版（{STATUSES[written.status]}）")
    _tell("请留意", written.warnings)
    _tell("发布前还缺", written.lacks)


def _tell(what: str, findings: list[Finding]) -> None:
    for each in findings:
        tell(f"{what}：{each.zh}（{each.path}，{each.clause}）")
