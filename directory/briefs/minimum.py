"""Which items of a request may not be needed, each with its reason: for a person to judge, never acted upon. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from metadata.access import AccessRequest
from metadata.resource import Item

SENSITIVE: Final = 3
"""From this sensitivity on an item should be named where its use is justified."""
ALIKE: Final = 0.5
"""How much of two purposes' character pairs is the same, from which on they count as similar."""


@dataclass(frozen=True)
class Agreed:
    """What somebody was agreed to be given of the same entry earlier, and for what."""

    items: frozenset[str]
    purpose: str
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """An item that may not be needed, and why somebody may think so."""

    item: str
    name: str
    reasons: tuple[str, ...]


def purpose_of(asked: AccessRequest) -> str:
    """What it is for, in the requester's words."""
    return f"{asked.scenario} {asked.scope}"


def likeness(one: str, other: str) -> float:
    """How alike two purposes are by their pairs of characters, 0 to 1."""
    left, right = _pairs(one), _pairs(other)
    return len(left & right) / len(left | right) if left and right else float(one == other)


def suggestions(asked: AccessRequest, items: Sequence[Item], earlier: Iterable[Agreed]) -> tuple[Suggestion, ...]:
    """Items that the same purpose did not need before, that were left out before, or sensitive ones never named."""
    said = f"{asked.basis} {asked.scenario} {asked.scope}"
    alike = [each for each in earlier if likeness(purpose_of(asked), each.purpose) >= ALIKE]
    found = []
    for item in items:
        reasons = []
        if item.sensitivity >= SENSITIVE and not any(word and word in said for word in (item.name, item.field)):
            reasons.append("敏感程度高，而依据、场景和范围里都没有提到它")
        if alike and not any(item.field in each.items for each in alike):
            reasons.append(f"用途相近、已经同意的 {len(alike)} 份申请都没有用到它")
        reasons += dict.fromkeys(
            f"用途相近的申请曾不同意给这一项：{why}"
            for each in alike
            for field, why in each.refused
            if field == item.field
        )
        if reasons:
            found.append(Suggestion(item.field, item.name, tuple(reasons)))
    return tuple(found)


def _pairs(text: str) -> frozenset[str]:
    kept = "".join(char for char in text.lower() if char.isalnum())
    return frozenset(kept[at : at + 2] for at in range(len(kept) - 1))
