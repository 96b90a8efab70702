"""时限证据单 as the command line shows it: each term, day by day."""

from collections.abc import Sequence
from typing import Protocol

from directory.clock.evidence import TermLine
from hutong.console import emit, say, tell


class Evidence(Protocol):
    """The terms of a request or a matter, as a record that is also given as JSON."""

    @property
    def terms(self) -> Sequence[TermLine]: ...

    def model_dump(self, *, mode: str) -> dict[str, object]: ...


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
