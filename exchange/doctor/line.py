"""One finding of the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Light = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Line:
    """``ok`` is fine, ``note`` deserves a look, ``bad`` stops something now; the last two say what to do.

    No line carries a value of a row, a name of a file, a password or a server's own text.
    """

    name: str
    light: Light
    zh: str
    next_step: str = ""


Lines = Iterator[Line]


def graded(name: str, amount: float, note: float, bad: float, zh: str, next_step: str) -> Line:
    """By an amount that had better be small: from ``note`` on a note, from ``bad`` on bad."""
    light: Light = "bad" if amount >= bad else "note" if amount >= note else "ok"
    return Line(name, light, zh, "" if light == "ok" else next_step)
