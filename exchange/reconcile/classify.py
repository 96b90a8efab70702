"""Which rows of the compared leaves differ, and how. Pure.

Evidence at each end (PostgreSQL keeps the writing transaction with each row): whether the source's row was written
after the last batch's snapshot, and whether the target's row was written by somebody else than the exchange. A
difference counts as pending only on such evidence; without any it counts as a difference.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from metadata.reconciliation import DifferenceKind


@dataclass(frozen=True)
class Entry:
    """Equal rows at one end. ``key`` and ``image`` are keyed digests in hex (of keyless rows they are the same).

    ``rows`` is how many there are, ``touched`` how many of them were written after the batch (source) or by others
    than the exchange (target); None: it cannot be told.
    """

    key: str
    image: str
    rows: int
    touched: int | None


@dataclass(frozen=True)
class Difference:
    """``rows`` rows under one key digest."""

    key: str
    kind: DifferenceKind
    rows: int


def classify(source: Iterable[Entry], target: Iterable[Entry]) -> list[Difference]:
    """The differing rows by key digest, in that order."""
    sides: defaultdict[str, tuple[dict[str, Entry], dict[str, Entry]]] = defaultdict(lambda: ({}, {}))
    for entry in source:
        sides[entry.key][0][entry.image] = entry
    for entry in target:
        sides[entry.key][1][entry.image] = entry
    found: list[Difference] = []
    for key in sorted(sides):
        at_source, at_target = sides[key]
        ours = _left(at_source, at_target)
        theirs = _left(at_target, at_source)
        found += _of_key(key, ours, theirs)
    return found


def _left(these: dict[str, Entry], others: dict[str, Entry]) -> list[bool | None]:
    """For each row that the other end does not have: was it touched? Those that may be spared are spared."""
    left: list[bool | None] = []
    for image, entry in these.items():
        surplus = entry.rows - (others[image].rows if image in others else 0)
        if surplus <= 0:
            continue
        if entry.touched is None:
            left += [None] * surplus
        else:
            touched = min(surplus, entry.touched)
            left += [True] * touched + [False] * (surplus - touched)
    return left


def _of_key(key: str, source: list[bool | None], target: list[bool | None]) -> list[Difference]:
    counts: defaultdict[DifferenceKind, int] = defaultdict(int)
    pairs = min(len(source), len(target))
    for changed, foreign in zip(source[:pairs], target[:pairs], strict=True):
        is_pending = changed is not False if foreign is False else foreign is None and changed is True
        counts["pending" if is_pending else "different"] += 1
    for changed in source[pairs:]:
        counts["pending" if changed else "missing"] += 1
    for foreign in target[pairs:]:
        counts["pending" if foreign is False else "extra"] += 1
    return [Difference(key, kind, rows) for kind, rows in sorted(counts.items())]
