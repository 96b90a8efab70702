"""How far an item of a demand has come, read off what it is tied to. Pure; nothing of this is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_HAS_ARRIVED: Final = frozenset({"provisioned", "active"})
_IS_REFUSED: Final = frozenset({"refused", "settled"})
_ENDED: Final = frozenset({"terminated", "expired", "purpose_done", "disposed"})


class Standing(StrEnum):
    """Whose turn it is with an item."""

    OPEN = "open"
    MATCHED = "matched"
    REQUESTED = "requested"
    REFUSED = "refused"
    ASSIGNED = "assigned"
    DISPUTED = "disputed"
    CATALOGUED = "catalogued"
    PUBLISHED = "published"
    SATISFIED = "satisfied"
    WITHDRAWN = "withdrawn"


STANDING_NAMES: Final[Mapping[Standing, str]] = {
    Standing.OPEN: "待匹配",
    Standing.MATCHED: "已选定现有数据，待申请",
    Standing.REQUESTED: "已提出申请",
    Standing.REFUSED: "申请未获同意，待重新匹配",
    Standing.ASSIGNED: "已列入责任清单",
    Standing.DISPUTED: "责任部门有异议，待信息办决定",
    Standing.CATALOGUED: "责任部门已编目，待发布",
    Standing.PUBLISHED: "责任部门已发布，待申请",
    Standing.SATISFIED: "已满足",
    Standing.WITHDRAWN: "已撤回",
}
_WITH_RESPONSIBILITY: Final[Mapping[str, Standing]] = {
    "assigned": Standing.ASSIGNED,
    "accepted": Standing.ASSIGNED,
    "upheld": Standing.ASSIGNED,
    "refused": Standing.DISPUTED,
    "catalogued": Standing.CATALOGUED,
}
DONE: Final = frozenset({Standing.SATISFIED, Standing.WITHDRAWN})


@dataclass(frozen=True)
class Facts:
    """What an item is tied to. States are those of the request and of the responsibility, empty where there is none."""

    is_withdrawn: bool = False
    is_satisfied: bool = False
    is_chosen: bool = False
    request_state: str = ""
    responsibility_state: str = ""
    is_entry_published: bool = False


def standing(facts: Facts) -> Standing:
    """How far the item is: rows that have come satisfy it, or somebody said that it is; a withdrawn demand is over."""
    if facts.is_satisfied or facts.request_state in _HAS_ARRIVED | _ENDED:
        return Standing.SATISFIED
    if facts.is_withdrawn:
        return Standing.WITHDRAWN
    if facts.request_state:
        return Standing.REFUSED if facts.request_state in _IS_REFUSED else Standing.REQUESTED
    if facts.is_chosen:
        return Standing.MATCHED
    if facts.is_entry_published:
        return Standing.PUBLISHED
    return _WITH_RESPONSIBILITY.get(facts.responsibility_state, Standing.OPEN)


def standing_of(items: Iterable[Standing]) -> Standing:
    """The demand as a whole: what has come least far, done only when every item is."""
    order = (
        Standing.OPEN,
        Standing.REFUSED,
        Standing.DISPUTED,
        Standing.ASSIGNED,
        Standing.CATALOGUED,
        Standing.PUBLISHED,
        Standing.MATCHED,
        Standing.REQUESTED,
        Standing.SATISFIED,
        Standing.WITHDRAWN,
    )
    held = set(items)
    return next((each for each in order if each in held), Standing.OPEN)
