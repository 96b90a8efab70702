"""What the commands of corrections and objections have in common: list, show, papers, terms; and naming a step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.matters.evidence import TermsView
from directory.papers import paper_of as as_paper
from hutong.acting import AsJson, AsPerson, AsReader, acting, looking
from hutong.errors import HutongError
from hutong.matter_lines import paper_of, say_kept, say_lines, say_one
from hutong.term_lines import say_terms

_Act = TypeVar("_Act", bound=StrEnum)
Number = Annotated[UUID, typer.Argument(metavar="编号", help="list 所列的编号。")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="意见。")]
PaperFile = Annotated[Path, typer.Argument(metavar="文件", help="PDF、OFD、DOCX、JPEG、PNG。")]


@dataclass(frozen=True)
class Noun:
    """A kind of matter by its English plural and its name, and the verbs behind its commands."""

    plural: str
    name: str
    browse: Callable[[Session, Actor], Sequence[Any]]
    view: Callable[[Session, Actor, UUID, date], Any]
    add_paper: Callable[[Session, Actor, UUID, str, bytes, datetime], Any]
    terms: Callable[[UUID, Session, Actor], TermsView]


def add_matter(app: typer.Typer, noun: Noun) -> None:
    """Give a command group ``list``, ``show``, ``attach`` and ``terms``."""

    @app.command("list", help=f"列出{noun.name}，新的在前。")
    def list_matters(as_user: AsReader = "", as_json: AsJson = False) -> None:
        with looking(as_user) as work:
            found = noun.browse(work.session, work.actor)
        say_lines(found, noun.plural, as_json, f"没有{noun.name}")

    @app.command(help=f"显示一件{noun.name}和它的经过。")
    def show(matter: Number, as_user: AsReader = "", as_json: AsJson = False) -> None:
        with looking(as_user) as work:
            shown = noun.view(work.session, work.actor, matter, work.today)
        say_one(shown, shown.steps, as_json)

    @app.command(help="添加证据材料。")
    def attach(matter: Number, file: PaperFile, as_user: AsPerson, as_json: AsJson = False) -> None:
        name, data = paper_of(file)
        with acting(as_user) as work:
            kept = as_paper(noun.add_paper(work.session, work.actor, matter, name, data, work.now))
        say_kept(kept, as_json)

    @app.command(help="时限证据单：期限逐日怎样计算；条例没有规定的，会写明。")
    def terms(matter: Number, as_user: AsReader = "", as_json: AsJson = False) -> None:
        with looking(as_user) as work:
            found = noun.terms(matter, work.session, work.actor)
        say_terms(found, as_json, is_statutory=found.is_statutory)


def steps_in_words(names: Mapping[str, str]) -> str:
    """The steps that somebody may take, for the help of ``move``; raising a matter is a command of its own."""
    return "； ".join(f"{act} {name}" for act, name in names.items() if act != "raised") + "。"


def step_named(acts: type[_Act], typed: str) -> _Act:
    """The step that was typed; raises ``ARGUMENT_BAD`` naming those there are."""
    steps = [act.value for act in acts if act != "raised"]
    if typed not in steps:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(steps)}）", what_en=f"the step ({', '.join(steps)})")
    return acts(typed)
