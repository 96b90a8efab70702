"""The rows behind a number: the list of the same name."""

from collections.abc import Sequence

from directory.errors import DirectoryError
from directory.rates.measure import SETS, Verdict, drags


def listed(verdicts: Sequence[Verdict], name: str) -> list[Verdict]:
    """Exactly the entries that the number of this name counts; raises ``RATE_SET_UNKNOWN``.

    Those that drag the rates down stand in the order in which they are worth mending, others by title.
    """
    if name not in SETS:
        raise DirectoryError("RATE_SET_UNKNOWN", name=name, known="、".join(SETS))
    return drags(verdicts) if name == "dragging" else [each for each in verdicts if SETS[name][1](each)]
