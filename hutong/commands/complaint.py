"""``hutong complaint``: 投诉举报 (Art. 37), taken, looked into and answered by the office."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.actions import Action
from directory.complaints import decide
from directory.complaints.said import NewComplaint, PaperComplaint, Said
from directory.complaints.states import ACT_NAMES, TOPIC_NAMES, Act
from directory.complaints.views import complaint_lines, statistics, view
from directory.papers import paper_of as as_paper
from directory.policy import require
from hutong.acting import AsJson, AsPerson, acting, body
from hutong.console import emit, say
from hutong.matter_commands import step_named, steps_in_words
from hutong.matter_lines import paper_of, say_kept, say_lines, say_one

app = typer.Typer(help="投诉举报：提交、登记书面来件、受理、转办、回报、答复、统计。")

Complaint = Annotated[UUID, typer.Argument(metavar="编号", help="hutong complaint list 所列的编号。")]
Topic = Annotated[
    str, typer.Argument(metavar="类别", help="；".join(f"{code} {name}" for code, name in TOPIC_NAMES.items()))
]
Words = Annotated[str, typer.Option("--words", "-m", help="情况：时间、经过、依据。")]
About = Annotated[str, typer.Option("--about", metavar="部门代码", help="反映哪个部门。")]


@app.command("list")
def list_complaints(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出本人提交的、转本部门核查的；信息办看得到全部。"""
    with acting(as_user) as work:
        found = complaint_lines(work.session, work.actor, work.today)
    say_lines(found, "complaints", as_json, "没有投诉举报")


@app.command()
def show(complaint: Complaint, as_user: AsPerson, as_json: AsJson = False) -> None:
    """显示一件投诉举报。"""
    with acting(as_user) as work:
        shown = view(work.session, work.actor, complaint, work.today)
    say_one(shown, shown.steps, as_json)


@app.command("raise")
def complain(topic: Topic, as_user: AsPerson, words: Words, about: About = "", as_json: AsJson = False) -> None:
    """提交投诉举报；投诉人只有信息办看得到，不写入日志。"""
    asked = body(NewComplaint, topic=topic, about_org=about, words=words)
    with acting(as_user) as work:
        row = decide.complain(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    say_one(shown, shown.steps, as_json)


@app.command()
def enter(
    topic: Topic,
    as_user: AsPerson,
    words: Words,
    received_on: Annotated[str, typer.Option("--received", metavar="日期", help="收到日期；不写是今天。")] = "",
    name: Annotated[str, typer.Option("--name", help="来件人。")] = "",
    contact: Annotated[str, typer.Option("--contact", help="联系方式。")] = "",
    about: About = "",
    as_json: AsJson = False,
) -> None:
    """登记书面来件；由信息办另一人受理。"""
    with acting(as_user) as work:
        day: str | date = received_on or work.today
        asked = body(
            PaperComplaint, topic=topic, about_org=about, words=words, name=name, contact=contact, received_on=day
        )
        row = decide.enter_paper(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    say_one(shown, shown.steps, as_json)


@app.command()
def move(
    to: Annotated[str, typer.Argument(metavar="步骤", help=steps_in_words(ACT_NAMES))],
    complaint: Complaint,
    as_user: AsPerson,
    comment: Annotated[str, typer.Option("--comment", "-m", help="意见；转办时是告诉部门的话。")] = "",
    to_org: Annotated[str, typer.Option("--to", metavar="部门代码", help="转办给谁。")] = "",
    as_json: AsJson = False,
) -> None:
    """办理一步：受理、不予受理、转办核查、回报、答复、撤回。"""
    act = step_named(Act, to)
    said = body(Said, comment=comment, to_org=to_org)
    with acting(as_user) as work:
        row = decide.decide(work.session, work.actor, complaint, act, work.now, said)
        shown = view(work.session, work.actor, row.id, work.today)
    say_one(shown, shown.steps, as_json)


@app.command()
def attach(
    complaint: Complaint,
    file: Annotated[Path, typer.Argument(metavar="文件", help="PDF、OFD、DOCX、JPEG、PNG。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """添加证据材料。"""
    name, data = paper_of(file)
    with acting(as_user) as work:
        kept = as_paper(decide.add_paper(work.session, work.actor, complaint, name, data, work.now))
    say_kept(kept, as_json)


@app.command("count")
def count(
    as_user: AsPerson,
    year: Annotated[int | None, typer.Option(min=2004, max=2999, help="哪一年；不写是今年。")] = None,
    as_json: AsJson = False,
) -> None:
    """一年的件数，按类别、办理情况、来源和转办部门；没有投诉人。"""
    with acting(as_user) as work:
        require(work.actor, Action.COMPLAINT_HANDLE, None)
        found = statistics(work.session, year or work.today.year)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{found.year} 年 {found.total} 件")
    for each in (*found.topics, *found.states, *found.channels, *found.departments):
        say(f"  {each.name}\t{each.number}")
