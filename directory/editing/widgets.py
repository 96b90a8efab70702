"""How one value of an entry stands in a field of a page, and how what was typed there is read back. Pure.

A widget never guesses: what it cannot read it answers with a sentence, and the page shows what was typed again.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar, Final

from metadata.record import Record

Typed = tuple[str, ...]

_MAS_PER_DEGREE: Final = 3_600_000
_SHOWN_PLACES: Final = 7  # of a degree: about a centimetre
_SEPARATORS = re.compile(r"[,，、;；\n]+")
_NUMBER = re.compile(r"[0-9]{1,15}")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_SEXAGESIMAL = re.compile(r"(-?)([0-9]{1,3})[°度]([0-9]{1,2})['′分]([0-9]{1,2}(?:\.[0-9]{1,6})?)(?:[\"秒]|''|′′)")


@dataclass(frozen=True)
class Unread:
    """Why what was typed is no value; said beside the field."""

    sentence: str


class Widget(ABC):
    """One kind of field. ``kind`` is the name by which the template draws it."""

    kind: ClassVar[str]
    is_always_sent: ClassVar[bool] = True  # a browser sends nothing for a box that is not ticked

    @abstractmethod
    def shown(self, value: Any) -> Typed:
        """What the field holds for a value."""

    @abstractmethod
    def read(self, typed: Typed) -> Any:
        """The value that was typed, or ``Unread``."""

    def seen(self, typed: Typed) -> Typed:
        """What a browser sends back for this when nobody touches it."""
        return tuple(_unix(text) for text in typed)


@dataclass(frozen=True)
class Line(Widget):
    """A line of text. A browser takes line breaks out of it."""

    kind: ClassVar[str] = "line"

    def shown(self, value: Any) -> Typed:
        return (value,)

    def read(self, typed: Typed) -> Any:
        return "".join(typed).strip()

    def seen(self, typed: Typed) -> Typed:
        return tuple(text.replace("\r", "").replace("\n", "") for text in typed)


class Text(Line):
    """Text of several lines."""

    kind: ClassVar[str] = "text"

    def read(self, typed: Typed) -> Any:
        return _unix("".join(typed)).strip()

    def seen(self, typed: Typed) -> Typed:
        return Widget.seen(self, typed)


class Number(Line):
    """A whole number, or none."""

    kind: ClassVar[str] = "number"

    def shown(self, value: Any) -> Typed:
        return ("" if value is None else str(value),)

    def read(self, typed: Typed) -> Any:
        text = _plain("".join(typed)).replace(",", "")
        if not text:
            return None
        return int(text) if _NUMBER.fullmatch(text) else Unread("请只填整数，如 18，不带单位")


class Day(Line):
    """A date, or none: 2026-01-05, and the other ways it is written in offices."""

    kind: ClassVar[str] = "day"

    def shown(self, value: Any) -> Typed:
        return ("" if value is None else value.isoformat(),)

    def read(self, typed: Typed) -> Any:
        text = _plain("".join(typed))
        if not text:
            return None
        found = _DAY.fullmatch(text)
        parts = [int(part) for part in found.groups() if part] if found else []
        try:
            return date(*parts) if parts else Unread("日期写成 2026-01-05 的样子")
        except ValueError:
            return Unread(f"没有 {text} 这一天")


@dataclass(frozen=True)
class Choice(Widget):
    """One of several. ``options`` are labels by what is sent; ``values`` what they mean, where that is no text.

    ``empty`` is the value of no choice. Without ``is_closed`` what is not listed is kept: its table's check says so.
    """

    options: Mapping[str, str]
    empty: Any = None
    has_empty: bool = True
    is_closed: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    is_radio: bool = False
    kind: ClassVar[str] = "choice"

    def shown(self, value: Any) -> Typed:
        return ("" if value is None else next((key for key, each in self.values.items() if each == value), str(value)),)

    def read(self, typed: Typed) -> Any:
        text = "".join(typed).strip()
        if not text and self.has_empty:
            return self.empty
        if text in self.options or not self.is_closed:
            return self.values.get(text, text)
        return Unread("请从所列选项中选一个")


class Flag(Widget):
    """A box to tick."""

    kind: ClassVar[str] = "flag"
    is_always_sent: ClassVar[bool] = False

    def shown(self, value: Any) -> Typed:
        return ("yes",) if value else ()

    def read(self, typed: Typed) -> Any:
        return bool(typed)


@dataclass(frozen=True)
class Checks(Widget):
    """Any of several, in the order in which they are listed."""

    options: Mapping[str, str]
    kind: ClassVar[str] = "checks"
    is_always_sent: ClassVar[bool] = False

    def shown(self, value: Any) -> Typed:
        return tuple(value)

    def read(self, typed: Typed) -> Any:
        if not set(typed) <= set(self.options):
            return Unread("请从所列选项中选择")
        return tuple(each for each in self.options if each in typed)

    def seen(self, typed: Typed) -> Typed:
        """Boxes are sent in their own order, each once."""
        return (
            *(each for each in self.options if each in typed),
            *(each for each in typed if each not in self.options),
        )


class Lines(Text):
    """Several texts, one a line."""

    kind: ClassVar[str] = "lines"

    def shown(self, value: Any) -> Typed:
        return ("\n".join(value),)

    def read(self, typed: Typed) -> Any:
        return tuple(line.strip() for line in _unix("".join(typed)).split("\n") if line.strip())


class Words(Line):
    """Several words in one line, parted as people part them."""

    kind: ClassVar[str] = "words"

    def shown(self, value: Any) -> Typed:
        return ("、".join(value),)

    def read(self, typed: Typed) -> Any:
        return tuple(dict.fromkeys(word.strip() for word in _SEPARATORS.split("".join(typed)) if word.strip()))


class Box(Line):
    """West, south, east and north in degrees; kept in thousandths of an arc second."""

    kind: ClassVar[str] = "box"
    edges: ClassVar[tuple[str, ...]] = ("西", "南", "东", "北")

    def shown(self, value: Any) -> Typed:
        return ("",) * 4 if value is None else tuple(_degrees(edge) for edge in value)

    def read(self, typed: Typed) -> Any:
        texts = [_plain(text) for text in typed]
        if not any(texts):
            return None
        edges = [_mas(text) for text in texts]
        if len(edges) != len(self.edges) or any(edge is None for edge in edges):
            return Unread("西、南、东、北四个边界都要填，单位为度，如 120.1552 或 120°9′18.7″")
        return tuple(edges)


@dataclass(frozen=True)
class Grid(Text):
    """A small table as text: a line for each record, its columns parted by tabs or blanks, the last may hold blanks."""

    record: type[Record] = Record
    kind: ClassVar[str] = "grid"

    @property
    def columns(self) -> Sequence[str]:
        return tuple(self.record.model_fields)

    def shown(self, value: Any) -> Typed:
        return ("\n".join("\t".join(getattr(each, name) for name in self.columns) for each in value),)

    def read(self, typed: Typed) -> Any:
        found = []
        for number, line in enumerate(_unix("".join(typed)).split("\n"), start=1):
            if not line.strip():
                continue
            cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split(None, 2))]
            if len(cells) != len(self.columns) or not all(cells):
                return Unread(f"第 {number} 行须有 {len(self.columns)} 列，用空格或制表符隔开")
            found.append(dict(zip(self.columns, cells, strict=True)))
        return tuple(found)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(text: str) -> str:
    """Half width, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _degrees(mas: int) -> str:
    """Degrees with at most seven places; whole numbers throughout, so that no edge is too large."""
    scaled = (abs(mas) * 10**_SHOWN_PLACES * 2 + _MAS_PER_DEGREE) // (2 * _MAS_PER_DEGREE)
    whole, places = divmod(scaled, 10**_SHOWN_PLACES)
    return f"{'-' if mas < 0 else ''}{whole}.{places:0{_SHOWN_PLACES}d}".rstrip("0").rstrip(".")


def _mas(text: str) -> int | None:
    """Decimal degrees, or degrees, minutes and seconds; None where it is neither."""
    found = _SEXAGESIMAL.fullmatch(text)
    if found is not None:
        sign, degrees, minutes, seconds = found.groups()
        total = Decimal(degrees) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)
        mas = int((total * 1000).to_integral_value(ROUND_HALF_UP))
        return -mas if sign else mas
    if _DEGREES.fullmatch(text) is None:
        return None
    return int((Decimal(text) * _MAS_PER_DEGREE).to_integral_value(ROUND_HALF_UP))
