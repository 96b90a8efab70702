"""``hutong org``: departments, their tree, and 机构改革."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from directory.actions import Action
from directory.organisations import importing
from directory.organisations.edit import Placing, create, edit, placing_of
from directory.organisations.models import LEVELS
from directory.organisations.queries import children, organisation, organisations, successors
from directory.organisations.register import add_organisation
from directory.policy import require
from directory.reform import work
from directory.reform.api import PlanView, ProgressView
from directory.reform.carry_out import carry_out
from directory.reform.choice import Choice
from directory.reform.models import KINDS, STAGES
from directory.reform.preview import preview
from directory.signing import open_key
from hutong.acting import AsAdministrator, AsJson, AsPerson, acting, body_of_file, looking
from hutong.console import emit, progress, say, say_list, tell
from hutong.directory_access import open_directory
from hutong.errors import HutongError
from hutong.files import read_bytes, write_bytes

app = typer.Typer(help="部门、机构树和机构改革。")

Code = Annotated[str, typer.Argument(metavar="代码", help="统一社会信用代码。")]


@app.command()
def add(
    code: Annotated[str, typer.Argument(metavar="代码", help="统一社会信用代码，18 位。")],
    name: Annotated[str, typer.Argument(metavar="名称", help="全称。")],
    short: Annotated[str, typer.Option(help="简称。")] = "",
    prefix: Annotated[str, typer.Option(help="GB/T 21063 标识符的前段码，5 位。")] = "",
    office: Annotated[
        bool, typer.Option("--office", help="信息办（共享主管部门）；只在安装时，不与 --as 同用。")
    ] = False,
    as_user: AsAdministrator = "",
    as_json: AsJson = False,
) -> None:
    """登记部门；导入目录时只留了名称的，由此确认。"""
    if as_user and office:
        raise HutongError("ARGUMENT_BAD", what="--office 不与 --as 同用", what_en="--office does not go with --as")
    if as_user:
        with acting(as_user) as looked:
            create(looked.session, looked.actor, code, name, Placing(short), looked.now, prefix=prefix or None)
    else:
        with open_directory() as opened, opened.sessions.begin() as session:
            add_organisation(session, code=code, name=name, short_name=short, prefix=prefix or None, is_office=office)
    if as_json:
        emit({"code": code, "name": name})
    else:
        say(f"已登记 {name}（{code}）")


@app.command("list")
def list_organisations(as_user: AsAdministrator = "", as_json: AsJson = False) -> None:
    """按上下级列出全部部门；已撤并的写明由谁承接。"""
    with looking(as_user) as looked:
        session = looked.session
        found = organisations(session)
        below = children(found)
        lines: list[dict[str, Any]] = []

        def walk(parent: str | None, depth: int) -> None:
            for each in below.get(parent, []):
                lines.append(
                    {
                        "code": each.code,
                        "name": each.name,
                        "short_name": each.short_name,
                        "prefix": each.prefix,
                        "is_office": each.is_office,
                        "is_confirmed": each.is_confirmed,
                        "parent_code": each.parent_code,
                        "region_code": each.region_code,
                        "level": each.level,
                        "closed_on": each.closed_on.isoformat() if each.closed_on else None,
                        "successors": [one.code for one in successors(session, each)],
                        "depth": depth,
                    }
                )
                walk(each.code, depth + 1)

        walk(None, 0)
    if as_json:
        emit({"organisations": lines})
        return
    for line in lines:
        notes = "、".join(
            word
            for word, holds in (
                ("信息办", line["is_office"]),
                ("待确认", not line["is_confirmed"]),
                (f"{line['closed_on']} 撤并，由 {' '.join(line['successors'])} 承接", line["closed_on"]),
            )
            if holds
        )
        say(f"{line['code']}\t{line['prefix'] or '–'}\t{'  ' * line['depth']}{line['name']}\t{notes}".rstrip())
    if not lines:
        tell("还没有登记部门；用 hutong org add 或 hutong org import 登记")


@app.command()
def place(
    code: Code,
    as_user: AsPerson,
    parent: Annotated[str | None, typer.Option(help="上级部门的代码；写空串为没有上级。")] = None,
    region: Annotated[str | None, typer.Option(help="行政区划代码，6、9 或 12 位。")] = None,
    level: Annotated[str | None, typer.Option(help=f"层级：{'、'.join(LEVELS)}。")] = None,
    short: Annotated[str | None, typer.Option(help="简称。")] = None,
) -> None:
    """改部门在机构树中的位置；没写的不变。"""
    with acting(as_user) as looked:
        own = organisation(looked.session, code)
        held = placing_of(own)
        wanted = Placing(
            held.short_name if short is None else short,
            held.parent_code if parent is None else parent,
            held.region_code if region is None else region,
            held.level if level is None else level,
        )
        name = edit(looked.session, looked.actor, code, own.version, wanted, looked.now).name
    say(f"已保存 {name}")


@app.command("import")
def import_organisations(
    file: Annotated[
        Path, typer.Argument(metavar="文件", help="机构表，xlsx 或 csv；首行为表头，见 hutong org export。")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只逐行检查，不登记。")] = False,
    as_user: AsAdministrator = "",
    as_json: AsJson = False,
) -> None:
    """导入机构树；有一行不合要求则全部不导入，同一文件再导入不变。"""
    rows = importing.read_rows(file.name, read_bytes(file))
    with looking(as_user) as looked:
        by = require(looked.actor, Action.ORGANISATION_EDIT, None) if as_user else "cli"
        taken = importing.take(looked.session, by, rows, looked.now, is_dry_run=dry_run)
    if as_json:
        emit(
            {
                "is_dry_run": dry_run,
                "added": len(taken.added),
                "changed": len(taken.changed),
                "unchanged": len(taken.unchanged),
                "faults": [{"row": each.row, "column": each.column, "zh": each.zh} for each in taken.faults],
            }
        )
    else:
        for each in taken.faults:
            say(f"{each.place}\t{each.column}\t{each.zh}")
        numbers = f"新登记 {len(taken.added)} 个部门，改动 {len(taken.changed)} 个，不变 {len(taken.unchanged)} 个"
        say(f"将{numbers}" if dry_run else numbers)
    if taken.faults:  # only a dry run comes here with any
        tell(f"有 {len(taken.faults)} 处问题，改正后才能导入")
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到这个 xlsx 文件。")], as_user: AsAdministrator = ""
) -> None:
    """导出机构表；改好后可用 hutong org import 导入。"""
    with looking(as_user) as looked:
        data = importing.exported(looked.session)
    write_bytes(file, data)
    say(f"已写入 {file}")


@app.command()
def reform(
    file: Annotated[
        Path, typer.Argument(metavar="文件", help="JSON：kind（rename、merge、split）、organisations、successors 等。")
    ],
    as_user: AsPerson,
    digest: Annotated[str, typer.Option(help="预览给出的清单摘要；写了才办理，不写只预览。")] = "",
    as_json: AsJson = False,
) -> None:
    """机构改革：更名、合并、拆分。先预览移交清单，再凭其摘要办理。"""
    choice = body_of_file(Choice, file)
    if digest:
        told, words = _carried_out(choice, as_user, digest)
    else:
        with acting(as_user) as looked:
            found = PlanView.of(preview(looked.session, looked.actor, choice, looked.now))
        told = found.model_dump(mode="json")
        words = [f"{each.kind_name}\t{each.title}\t{each.from_org} → {each.to_org or '–'}" for each in found.lines]
        words += [*found.notes, f"清单摘要 {found.digest}"]
    if as_json:
        emit(told)
        return
    for line in words:
        say(line)


@app.command("reforms")
def list_unfinished(
    as_user: AsPerson,
    stopped: Annotated[UUID | None, typer.Option("--stop", metavar="编号", help="停止这一次：什么都不移交。")] = None,
    repeated: Annotated[
        UUID | None, typer.Option("--again", metavar="编号", help="停止或没有办成的，照原来的清单再办一次。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """还没有办完的机构改革：办到哪一步；停止，或再办一次（由正在运行的目录服务办理）。"""
    with acting(as_user) as looked:
        require(looked.actor, Action.ORGANISATION_REFORM, None)
        if stopped is not None:
            work.stop(looked.session, looked.actor, stopped, looked.now)
        if repeated is not None:
            work.again(looked.session, looked.actor, repeated, looked.now)
        found = [ProgressView.of(each) for each in work.under_way(looked.session)]
    say_list("reforms", found, as_json, _line, nothing="没有未办完的机构改革")


def _line(each: ProgressView) -> str:
    words = each.problem.get("detail") or f"{each.stage_name} {each.done_count}/{each.total_count}"
    return f"{each.reform_id}\t{each.kind_name}\t{'、'.join(each.organisations)}\t{each.state_name}\t{words}"


def _carried_out(choice: Choice, as_user: str, digest: str) -> tuple[dict[str, Any], list[str]]:
    """Carry it out here, on a line that says how far it is; interrupted, nothing has moved."""
    with acting(as_user) as looked:
        key = open_key(looked.settings.directory_key_path)

        def watch(stage: str, done: int, total: int) -> None:
            progress(done if total else 1, total or 1, STAGES[stage])  # the last stage counts nothing: it ends the line

        made = carry_out(looked.session, looked.actor, key, choice, looked.now, previewed=digest, watch=watch)
        return {"id": str(made.id), "kind": made.kind}, [f"已办理{KINDS[made.kind]}，编号 {made.id}"]
