"""``hutong correction``: 校核申请 (Art. 26), from raising one to everybody having taken the data again."""

from typing import Annotated

import typer

from directory.corrections import api, decide
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import ACT_NAMES, Act
from directory.corrections.views import view
from hutong.acting import AsJson, AsPerson, Ref, acting, body, entry_ref
from hutong.matter_commands import Comment, Noun, Number, add_matter, step_named, steps_in_words
from hutong.matter_lines import say_one

app = typer.Typer(help="校核申请：提出、核实、更正、转数源部门、确认重新取数、督办。")
add_matter(app, Noun("corrections", "校核申请", api.browse, view, decide.add_paper, api.show_terms))


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
        shown = view(work.session, work.actor, row.id, work.today)
    say_one(shown, shown.steps, as_json)


@app.command()
def move(
    to: Annotated[str, typer.Argument(metavar="步骤", help=steps_in_words(ACT_NAMES))],
    matter: Number,
    as_user: AsPerson,
    comment: Comment = "",
    from_on: Annotated[str, typer.Option("--from", metavar="日期", help="已更正：从哪天起送出更正后的数据。")] = "",
    from_batch: Annotated[int | None, typer.Option("--batch", min=1, help="已更正：第几批起。")] = None,
    to_org: Annotated[str, typer.Option("--to", metavar="部门代码", help="转数源部门：转给谁。")] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步：已更正、核实无误、转数源部门、确认重新取数、督办、撤回。"""
    act = step_named(Act, to)
    said = body(
        Said,
        comment=comment,
        corrected_from_on=from_on or None,
        corrected_from_batch=from_batch,
        to_org=to_org,
    )
    with acting(as_user) as work:
        decide.decide(work.session, work.actor, matter, act, work.now, said)
        shown = view(work.session, work.actor, matter, work.today)
    say_one(shown, shown.steps, as_json)
