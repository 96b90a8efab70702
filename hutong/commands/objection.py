"""``hutong objection``: 异议 of five kinds, up the chain of Article 28 where no answer is accepted."""

from typing import Annotated

import typer

from directory.objections import api, decide
from directory.objections.said import NewObjection, Said
from directory.objections.states import ACT_NAMES, OUTCOME_NAMES, TOPICS, Act
from directory.objections.views import view
from hutong.acting import AsJson, AsPerson, acting, body, entry_ref
from hutong.matter_commands import Comment, Noun, Number, add_matter, step_named, steps_in_words
from hutong.matter_lines import say_one

app = typer.Typer(help="异议：授权、目录、内容、资源、使用五类，提出、答复、接受或报上一级。")
add_matter(app, Noun("objections", "异议", api.browse, view, decide.add_paper, api.show_terms))


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
        shown = view(work.session, work.actor, row.id, work.today)
    say_one(shown, shown.steps, as_json)


@app.command()
def move(
    to: Annotated[str, typer.Argument(metavar="步骤", help=steps_in_words(ACT_NAMES))],
    matter: Number,
    as_user: AsPerson,
    comment: Comment = "",
    outcome: Annotated[
        str,
        typer.Option("--outcome", help="答复的结论：" + "；".join(f"{c} {n}" for c, n in OUTCOME_NAMES.items())),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步：答复、接受答复、报上一级、督办、撤回。"""
    act = step_named(Act, to)
    said = body(Said, comment=comment, outcome=outcome or None)
    with acting(as_user) as work:
        decide.decide(work.session, work.actor, matter, act, work.now, said)
        shown = view(work.session, work.actor, matter, work.today)
    say_one(shown, shown.steps, as_json)
