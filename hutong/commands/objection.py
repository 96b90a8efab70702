"""``hutong objection``: 异议 of five kinds, up the chain of Article 28 where no answer is accepted."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from directory.matters.papers import paper_of as as_paper
from directory.objections import api, decide
from directory.objections.said import NewObjection, Said
from directory.objections.states import ACT_NAMES, OUTCOME_NAMES, TOPICS, Act
from directory.objections.views import view
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, entry_ref, looking
from hutong.errors import HutongError
from hutong.matter_lines import paper_of, say_kept, say_lines, say_one, say_terms, today_of

app = typer.Typer(help="异议：授权、目录、内容、资源、使用五类，提出、答复、接受或报上一级。")

STEPS: Final = tuple(act for act in Act if act is not Act.RAISED)
Objection = Annotated[UUID, typer.Argument(metavar="编号", help="hutong objection list 所列的编号。")]


@app.command("list")
def list_objections(as_user: AsReader = "", as_json: AsJson = False) -> None:
    """列出异议，新的在前。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor)
    say_lines(found, "objections", as_json, "没有异议")


@app.command()
def show(objection: Objection, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一件异议和它的经过。"""
    with looking(as_user) as work:
        shown = view(work.session, work.actor, objection, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command("raise")
def raise_one(
    topic: Annotated[
        str, typer.Argument(metavar="类别", help="；".join(f"{code} {rule.name}" for code, rule in TOPICS.items()))
    ],
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--words", "-m", help="不认可什么，依据是什么。")],
    wish: Annotated[str, typer.Option("--wish", help="要求怎样处理。")] = "",
    entry: Annotated[str, typer.Option("--entry", metavar="目录", help="标识符、资源代码或 UUID。")] = "",
    request: Annotated[str, typer.Option("--request", metavar="申请编号", help="授权异议、使用异议必填。")] = "",
    correction: Annotated[str, typer.Option("--correction", metavar="编号", help="答复为“核实无误”的校核申请。")] = "",
    as_json: AsJson = False,
) -> None:
    """提出异议；由谁先答复按类别定。"""
    with acting(as_user) as work:
        asked = body(
            NewObjection,
            topic=topic,
            resource=entry_ref(work.session, entry),
            request=request or None,
            correction=correction or None,
            words=words,
            wish=wish,
        )
        row = decide.raise_objection(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command()
def move(
    to: Annotated[
        str, typer.Argument(metavar="步骤", help="；".join(f"{act.value} {ACT_NAMES[act]}" for act in STEPS) + "。")
    ],
    objection: Objection,
    as_user: AsPerson,
    comment: Annotated[str, typer.Option("--comment", "-m", help="意见。")] = "",
    outcome: Annotated[
        str,
        typer.Option("--outcome", help="答复的结论：" + "；".join(f"{c} {n}" for c, n in OUTCOME_NAMES.items())),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步：答复、接受答复、报上一级、督办、撤回。"""
    if to not in STEPS:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(STEPS)}）")
    said = body(Said, comment=comment, outcome=outcome or None)
    with acting(as_user) as work:
        decide.decide(work.session, work.actor, objection, Act(to), work.now, said)
        shown = view(work.session, work.actor, objection, today_of(work))
    say_one(shown, shown.steps, as_json)


@app.command()
def attach(
    objection: Objection,
    file: Annotated[Path, typer.Argument(metavar="文件", help="PDF、OFD、DOCX、JPEG、PNG。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """添加材料。"""
    name, data = paper_of(file)
    with acting(as_user) as work:
        kept = as_paper(decide.add_paper(work.session, work.actor, objection, name, data, work.now))
    say_kept(kept, as_json)


@app.command()
def terms(objection: Objection, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """期限逐日怎样计算；条例没有规定异议的期限，会写明。"""
    with looking(as_user) as work:
        found = api.show_terms(objection, work.session, work.actor)
    say_terms(found, as_json)
