"""``hutong correction``: 校核申请 (Art. 26), from raising one to everybody having taken the data again."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from directory.corrections import api, decide
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import ACT_NAMES, Act
from directory.corrections.views import view
from directory.matters.papers import paper_of as as_paper
from hutong.acting import AsJson, AsPerson, AsReader, Ref, acting, body, entry_ref, looking
from hutong.errors import HutongError
from hutong.matter_lines import paper_of, say_kept, say_lines, say_one, say_terms, today_of

app = typer.Typer(help="校核申请：提出、核实、更正、转数源部门、确认重新取数、督办。")

STEPS: Final = tuple(act for act in Act if act is not Act.RAISED)
Correction = Annotated[UUID, typer.Argument(metavar="编号", help="hutong correction list 所列的编号。")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="意见。")]


@app.command("list")
def list_corrections(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出校核申请，新的在前。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor)
    say_lines(found, "corrections", as_json, "没有校核申请")


@app.command()
def show(correction: Correction, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一件校核申请和它的经过。"""
    with looking(as_user) as work:
        shown = view(work.session, work.actor, correction, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command("raise")
def raise_one(
    entry: Ref,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--words", "-m", help="哪里不对，依据是什么。")],
    items: Annotated[
        list[str] | None, typer.Option("--item", metavar="字段名", help="有误的数据项，可写几个。")
    ] = None,
    keys: Annotated[str, typer.Option("--keys", help="哪些记录：只写主键，只有双方和信息办看得到。")] = "",
    count: Annotated[int | None, typer.Option("--count", min=1, help="约多少条。")] = None,
    as_json: AsJson = False,
) -> None:
    """提出校核申请：提供部门 10 个工作日内核实、更正并反馈。"""
    with acting(as_user) as work:
        asked = body(
            NewCorrection,
            resource=entry_ref(work.session, entry),
            items=items or [],
            words=words,
            record_keys=keys,
            record_count=count,
        )
        row = decide.raise_correction(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command()
def move(
    to: Annotated[
        str, typer.Argument(metavar="步骤", help="；".join(f"{act.value} {ACT_NAMES[act]}" for act in STEPS) + "。")
    ],
    correction: Correction,
    as_user: AsPerson,
    comment: Comment = "",
    from_on: Annotated[str, typer.Option("--from", metavar="日期", help="已更正：从哪天起送出更正后的数据。")] = "",
    from_batch: Annotated[int | None, typer.Option("--batch", min=1, help="已更正：第几批起。")] = None,
    to_org: Annotated[str, typer.Option("--to", metavar="部门代码", help="转数源部门：转给谁。")] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步：已更正、核实无误、转数源部门、确认重新取数、督办、撤回。"""
    if to not in STEPS:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(STEPS)}）")
    said = body(
        Said,
        comment=comment,
        corrected_from_on=from_on or None,
        corrected_from_batch=from_batch,
        to_org=to_org,
    )
    with acting(as_user) as work:
        decide.decide(work.session, work.actor, correction, Act(to), work.now, said)
        shown = view(work.session, work.actor, correction, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command()
def attach(
    correction: Correction,
    file: Annotated[Path, typer.Argument(metavar="文件", help="PDF、OFD、DOCX、JPEG、PNG。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """添加证据材料。"""
    name, data = paper_of(file)
    with acting(as_user) as work:
        kept = as_paper(decide.add_paper(work.session, work.actor, correction, name, data, work.now))
    say_kept(kept, as_json)


@app.command()
def terms(correction: Correction, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """时限证据单：期限逐日怎样计算。"""
    with looking(as_user) as work:
        found = api.show_terms(correction, work.session, work.actor)
    say_terms(found, as_json)
