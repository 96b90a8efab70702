"""What a document says and the entry read from it does not: found by looking for each of its values in the entry.

A reader takes what it knows. Whatever else is in the file (an element that no entry has a place for, a second value
where one is held, a value in a form that cannot be read) is named in one finding, so that nothing is dropped unseen.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from metadata.formats.geometry import MAS_PER_DEGREE
from metadata.formats.workbook_findings import CellFinding
from metadata.resource import Resource
from standards.errors import ExplainedError

_SHOWN_KINDS: Final = 20
_SHOWN_CHARACTERS: Final = 40
_PART_FROM: Final = 8  # characters from which a text counts as said where it is part of a longer one
_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:[T ].*)?")


@dataclass(frozen=True)
class Said:
    """One value of a document: the names of the elements or properties it stands in, its text, and its line."""

    place: str
    text: str
    line: int = 0


@dataclass
class Held:
    """What an entry says. ``codes`` are the spellings that its reader knows for what the entry spells otherwise."""

    record: Resource
    codes: Mapping[str, str] = field(default_factory=dict)
    _texts: set[str] = field(default_factory=set)
    _numbers: set[int] = field(default_factory=set)
    _long: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for value in _values(self.record.model_dump(mode="json")):
            if isinstance(value, int):
                self._numbers.add(value)
            else:
                lines = map(_plain, (value, *value.split("\n")))
                self._texts.update(lines)
                self._long.append(_plain(value))

    def holds(self, text: str) -> bool:
        """Whether the entry says this, as it stands or as a day, a number, a code or a part of a longer text."""
        text = _plain(text)
        if not text or text in self._texts or self.codes.get(text) in self._texts:
            return True
        if len(text) >= _PART_FROM and any(text in each for each in self._long):
            return True
        day = _DAY.fullmatch(text)
        if day is not None and f"{day[1]}-{day[2] or '01'}-{day[3] or '01'}" in self._texts:
            return True
        try:
            number = Decimal(text) if len(text) < 40 else Decimal("NaN")
        except InvalidOperation:
            return False
        if not number.is_finite() or abs(number) > 10**12:
            return False
        return number in self._numbers or round(number * MAS_PER_DEGREE) in self._numbers


def finding(name: str, unread: Sequence[Said]) -> tuple[CellFinding, ...]:
    """One finding for the file called ``name``, or none: the kinds of what was not taken, each with its first value."""
    if not unread:
        return ()
    kinds: dict[str, list[Said]] = {}
    for each in unread:
        kinds.setdefault(each.place, []).append(each)
    shown = "、".join(_kind(place, found) for place, found in list(kinds.items())[:_SHOWN_KINDS])
    more = f" 等 {len(kinds)} 种" if len(kinds) > _SHOWN_KINDS else ""
    first = unread[0]
    return (
        CellFinding(
            sheet=name,
            row=first.line or 1,
            column="",
            value="",
            rule="document.unread",
            severity="warning",
            problem=f"未采用：文件里有 {len(unread)} 处内容，目录没有对应的要素，或写法认不出：{shown}{more}",
            problem_en=f"not taken: {len(unread)} values that an entry has no place for, or that cannot be read",
            remedy="其余已读出。需要这些内容的，导入后在目录中补写，或改好文件重新导入。",
        ),
    )


def refused(name: str, line: int, error: ExplainedError) -> CellFinding:
    """A record of the file called ``name`` that makes no entry, and why."""
    return CellFinding(
        sheet=name,
        row=line or 1,
        column="",
        value="",
        rule="document.record",
        severity="error",
        problem=error.zh,
        problem_en=error.en,
        remedy=error.next_step,
    )


def _kind(place: str, found: Sequence[Said]) -> str:
    text = _plain(found[0].text)
    text = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    count = [f"共 {len(found)} 处"] if len(found) > 1 else []
    line = [f"第 {found[0].line} 行"] if found[0].line else []
    where = "，".join([*count, *line])
    return f"{place}“{text}”" + (f"（{where}）" if where else "")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _values(value: Any) -> Iterator[str | int]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _values(each)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield value
