"""The months of a year as bars, laid out in numbers for the page to draw; the table beside it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from directory.statistics.definitions import NUMBERS
from directory.statistics.queries import Period

_LEFT, _TOP, _HEIGHT = 40, 16, 150
_SLOT: Final = 46
_BAR: Final = 16
_LINES: Final = 4
SERIES: Final = (("received", "answered_in_time", "answered_late"), ("delivered",))
"""What is drawn: bars side by side of requests received and answered, and late answers on top of those in time."""


@dataclass(frozen=True)
class Bar:
    """One rectangle: its place, the class that colours it, and what it says."""

    x: float
    y: float
    height: float
    look: str
    says: str


@dataclass(frozen=True)
class Chart:
    """Bars, lines of the grid with their numbers, names of the months below; all in the units of ``width × height``."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    names: tuple[tuple[float, str], ...]
    bar_width: int = _BAR
    left: int = _LEFT
    floor: int = _TOP + _HEIGHT


def draw(months: Sequence[Period]) -> Chart:
    """Requests received, and beside them answered: in time, and late above."""
    tallest = max((_tall(each) for each in months), default=0)
    step = _step(tallest)
    top = max(step * _LINES, 1)
    bars: list[Bar] = []
    for place, period in enumerate(months):
        x = _LEFT + 8 + place * _SLOT
        numbers = period.together
        received, in_time, late = (numbers[name] for name in SERIES[0])
        bars.append(_bar(x, 0, received, top, "asked", f"{period.label} {NUMBERS['received'].label} {received} 件"))
        x += _BAR + 1
        said = f"{period.label} {NUMBERS['answered_in_time'].label} {in_time} 件"
        bars.append(_bar(x, 0, in_time, top, "ontime", said))
        bars.append(_bar(x, in_time, late, top, "late", f"{period.label} {NUMBERS['answered_late'].label} {late} 件"))
    grid = tuple((_y(step * line, top), step * line) for line in range(_LINES + 1))
    names = tuple((_LEFT + 8 + place * _SLOT + _BAR, each.label[5:]) for place, each in enumerate(months))
    width = _LEFT + 8 + max(len(months), 12) * _SLOT
    return Chart(width, _TOP + _HEIGHT + 26, tuple(each for each in bars if each.height), grid, names)


def _tall(period: Period) -> int:
    received, in_time, late = (period.together[name] for name in SERIES[0])
    return max(received, in_time + late)


def _step(tallest: int) -> int:
    """The least of 1, 2, 5, 10, 20 … by which ``_LINES`` lines reach over the tallest bar."""
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times * _LINES >= tallest:
                return step * times
        step *= 10


def _bar(x: float, base: int, amount: int, top: int, look: str, says: str) -> Bar:
    height = round(_HEIGHT * amount / top, 1)
    return Bar(x, round(_y(base, top) - height, 1), height, look, says)


def _y(amount: int, top: int) -> float:
    return round(_TOP + _HEIGHT - _HEIGHT * amount / top, 1)
