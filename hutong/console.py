"""How the command line speaks: results on stdout, errors and progress on stderr, one JSON object with ``--json``."""

import contextlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from hutong.screens import wrapped
from standards.errors import ExplainedError
from standards.findings import Finding

_MOST_FINDINGS = 50
_CHINA: Final = ZoneInfo("Asia/Shanghai")
_Line = TypeVar("_Line", bound=BaseModel)


def say(text: str) -> None:
    """One line of result for a person."""
    print(text, flush=True)


def tell(text: str) -> None:
    """One line about what is going on; never mixed into the result. Work does not end because a log's disk is full."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def progress(done: int, total: int, text: str) -> None:
    """How far long work has come, on one line that is written over; only where somebody watches."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r\x1b[K{done}/{total} {text[:80]}", end=end, file=sys.stderr, flush=True)


def emit(value: Mapping[str, object]) -> None:
    """The result for a program: one JSON object; paths, dates and numbers beyond JSON's as text."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def say_list(key: str, found: Sequence[_Line], as_json: bool, line: Callable[[_Line], str], *, nothing: str) -> None:
    """A list: for a program one object under ``key``, for a person a line each, or that there is ``nothing``."""
    if as_json:
        emit({key: [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(line(each))
    if not found:
        tell(nothing)


def minute(at: datetime) -> str:
    """2026-11-22 13:30 as clocks in China show it, whatever zone the time was read in."""
    return f"{at.astimezone(_CHINA):%Y-%m-%d %H:%M}"


def complain(error: ExplainedError) -> None:
    """What is wrong in Chinese and English, and what to do next; of a list its beginning, and where the rest is."""
    rest = error.values.get("rest")
    tell(f"错误 {error.code}：{error.zh}（{error.en}）")
    findings, more = error.values.get("findings"), error.values.get("findings_more")
    lines = [line for each in findings if (line := _line_of(each))] if isinstance(findings, list) else []
    for line in lines[:_MOST_FINDINGS]:
        tell(f"  {line}")
    left = max(0, len(lines) - _MOST_FINDINGS) + (more if isinstance(more, int) else 0)
    if left:
        tell(f"  ……还有 {left} 处{f'：{rest}' if rest else ''}")
    tell(f"下一步：{error.next_cli}")


def _line_of(finding: object) -> str:
    """One line of what is wrong; empty for what only warns."""
    if isinstance(finding, Finding) and finding.severity == "error":
        return (
            f"{finding.path}：{finding.zh}（{finding.clause}）" if finding.clause else f"{finding.path}：{finding.zh}"
        )
    if isinstance(finding, Mapping) and {"path", "zh"} <= finding.keys():  # as an answer of the interface has them
        return f"{finding['path']}：{finding['zh']}"
    if isinstance(finding, Mapping) and {"place", "title", "zh"} <= finding.keys():  # a record of a file
        return f"{finding['place']}：{finding['title']}：{finding['zh']}"
    return ""


def complain_in_columns(error: ExplainedError) -> None:
    """What was typed wrong, in lines that a terminal of 80 columns need not break."""
    for line in (f"错误 {error.code}：{error.zh}", f"（{error.en}）", f"下一步：{error.next_cli}"):
        for piece in wrapped(line, "", "  "):
            tell(piece)
