"""The legal moves of a rating, as data. Pure.

A department gives and changes its own; the provider may answer; the office hides the words, with a reason, and shows
them again. The marks count either way, so that moderation never makes a resource look better.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    SHOWN = "shown"
    HIDDEN = "hidden"


class Act(StrEnum):
    """What somebody does to a rating; ``RATED`` gives or changes it."""

    RATED = "rated"
    ANSWERED = "answered"
    HIDDEN = "hidden"
    SHOWN = "shown"


STATE_NAMES: Final[Mapping[str, str]] = {State.SHOWN: "显示", State.HIDDEN: "文字已隐去"}
ACT_NAMES: Final[Mapping[str, str]] = {
    Act.RATED: "评价",
    Act.ANSWERED: "回应",
    Act.HIDDEN: "隐去文字",
    Act.SHOWN: "恢复显示",
}
MOVES: Final[Mapping[str, Mapping[str, State]]] = {
    State.SHOWN: {Act.RATED: State.SHOWN, Act.ANSWERED: State.SHOWN, Act.HIDDEN: State.HIDDEN},
    State.HIDDEN: {Act.RATED: State.HIDDEN, Act.SHOWN: State.SHOWN},
}
