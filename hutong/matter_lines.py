"""Corrections, objections and complaints as the command line shows them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel

from directory.clock.deadlines import day_of
from directory.matters.views import MatterLine, StepView
from hutong.console import emit, say, say_list
from hutong.files import read_bytes


def say_lines(lines: Sequence[MatterLine], key: str, as_json: bool, nothing: str) -> None:
    """A list: number, entry, state, whose turn, by when."""
    say_list(key, lines, as_json, _line, nothing=nothing)


def _line(each: MatterLine) -> str:
    due = f"{each.due_on} 前" if each.due_on else "–"
    turn = "、".join(each.waits_for) or "–"
    return f"{each.id}\t{each.number}\t{each.resource_title or '–'}\t{each.state_name}\t{turn}\t{due}"


def say_one(shown: MatterLine, steps: Iterable[StepView], as_json: bool) -> None:
    """One matter: its head, then its steps."""
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    due = f"，{shown.due_on} 前" if shown.due_on else ""
    say(f"{shown.number} {shown.kind_name}“{shown.resource_title or '–'}”：{shown.state_name}")
    say(f"编号 {shown.id}　轮到 {'、'.join(shown.waits_for) or '–'}{due}")
    for step in steps:
        words = "；".join(part for part in (step.outcome, step.comment) if part)
        say(f"  {day_of(step.at)}\t{step.organisation} {step.by}\t{step.act_name}\t{words}".rstrip())


def say_kept(kept: BaseModel, as_json: bool) -> None:
    """A paper that was added."""
    if as_json:
        emit(kept.model_dump(mode="json"))
    else:
        say("材料已添加")


def paper_of(file: Path) -> tuple[str, bytes]:
    """A file's name and bytes; raises ``FILE_UNREADABLE``."""
    return file.name, read_bytes(file)
