"""Comments and papers of requests on the command line."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from directory.access import comments
from directory.access.comments import Talk
from directory.papers import Paper, paper_of
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.console import emit, minute, say, tell
from hutong.errors import HutongError
from hutong.files import read_bytes, write_bytes

Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="hutong request list 所列的编号。")]


def add_comments(app: typer.Typer) -> None:
    """The commands of this file."""
    app.command("comments")(list_comments)
    app.command("comment")(write_comment)
    app.command("attach")(attach_paper)


def list_comments(
    request: Request,
    file_of: Annotated[UUID | None, typer.Option("--file-of", metavar="附件编号", help="取出这份附件。")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="文件", help="附件存到哪里。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出一份申请的留言和附件；--file-of 加 --out 取出一份附件。"""
    if (file_of is None) != (out is None):
        raise HutongError("ARGUMENT_BAD", what="--file-of 和 --out 须一起写", what_en="--file-of and --out go together")
    with looking(as_user) as work:
        found = comments.talk(work.session, work.actor, request)
        if file_of is not None and out is not None:
            write_bytes(out, comments.paper(work.session, work.actor, request, file_of).data)
    _show(found, as_json)


def write_comment(
    request: Request,
    as_user: AsPerson,
    words: Annotated[str, typer.Option("--comment", "-m", help="留言。")] = "",
    as_json: AsJson = False,
) -> None:
    """留言；不改变申请走到哪一步，也不能删改。"""
    with acting(as_user) as work:
        comments.write(work.session, work.actor, request, words, work.now)
        found = comments.talk(work.session, work.actor, request)
    _show(found, as_json)


def attach_paper(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="PDF、OFD、DOCX、JPEG 或 PNG。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """附上一份材料；原样保存，只供下载。"""
    data = read_bytes(file)
    with acting(as_user) as work:
        made = paper_of(comments.attach(work.session, work.actor, request, file.name, data, work.now))
    if as_json:
        emit(made.model_dump(mode="json"))
    else:
        _say(made)


def _show(found: Talk, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.comments:
        inside = "（本部门）" if each.is_internal else ""
        say(f"{minute(each.at)}\t{each.organisation} {each.by}{inside}\t{each.words}")
    for paper in found.files:
        _say(paper)
    if not found.comments and not found.files:
        tell("没有留言和附件")


def _say(paper: Paper) -> None:
    say(f"{paper.id}\t{paper.name}\t{paper.size_bytes} 字节\t{paper.organisation} {paper.by}")
