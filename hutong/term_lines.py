"""Terms as the command line shows them: their light in a word, and the 时限证据单, each term day by day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Protocol

from directory.clock.deadlines import Light
from directory.clock.evidence import TermLine
from hutong.console import emit, say, tell

_LIGHT_NAMES: Final[Mapping[Light | None, str]] = {"green": "正常", "amber": "过半", "red": "已超期", None: "–"}


class Evidence(Protocol):
    """The terms of a request or a matter, as a record that is also given as JSON."""

    @property
    def terms(self) -> Sequence[TermLine]: ...

    def model_dump(self, *, mode: str) -> dict[str, object]: ...


def light_name(light: Light | None) -> str:
    """The light as the page of supervision calls it."""
    return _LIGHT_NAMES[light]


def by(due_on: date | None) -> str:
    """The last day of a term, or that none runs."""
    return f"{due_on} 前" if due_on else "–"


def say_terms(found: Evidence, as_json: bool, *, is_statutory: bool = True) -> None:
    """Every term with the days it was counted over; the article is named where the days are the law's."""
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for term in found.terms:
        rule = f"条例第 {term.article} 条，" if is_statutory else ""
        say(f"{term.name}（{rule}{term.limit_days} 个工作日）：{term.due_on} 截止，{term.outcome_name}")
        for each in term.days:
            say(f"  {each.day}\t{each.number or '–'}\t{each.words}{'，已超期' if each.is_late else ''}")
        if term.days and term.until > term.days[-1].day:
            say(f"  其后至 {term.until} 不逐日列出")
        if term.late_days:
            say(f"  合计超期 {term.late_days} 个工作日")
        if term.recounted_due_on:
            say(f"  按今天的工作日历计算为 {term.recounted_due_on} 截止，不溯及既往")
        for warning in term.warnings:
            say(f"  ！{warning}")
    if not found.terms:
        tell("还没有计时")
