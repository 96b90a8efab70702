"""The life of a responsibility as data: which act leads from where to where, and who may. Pure.

The office names the department; it accepts, or refuses with its reason, and then the office decides: the naming stands
(责任不变) or it is taken back. Whoever has accepted, or must, names the entry that describes the data; it
is published by its own steps, and what is published fulfils the responsibility.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from directory.actions import Action


class Act(StrEnum):
    """What somebody does about a responsibility."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UPHELD = "upheld"
    RELEASED = "released"
    CATALOGUED = "catalogued"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Move:
    """Where an act leads from, what it needs, and who may; the state it leads to is called as the act."""

    sources: frozenset[str]
    action: Action
    needs_reason: bool = False
    needs_entry: bool = False


_MUST: Final = frozenset({"accepted", "upheld", "catalogued"})
LIVE: Final = frozenset({"assigned", "refused"}) | _MUST

MOVES: Final[Mapping[Act, Move]] = {
    Act.ACCEPTED: Move(frozenset({"assigned"}), Action.RESPONSIBILITY_ANSWER),
    Act.REFUSED: Move(frozenset({"assigned"}), Action.RESPONSIBILITY_ANSWER, needs_reason=True),
    Act.UPHELD: Move(frozenset({"refused"}), Action.RESPONSIBILITY_DECIDE, needs_reason=True),
    Act.RELEASED: Move(frozenset({"refused"}), Action.RESPONSIBILITY_DECIDE),
    Act.CATALOGUED: Move(_MUST, Action.RESPONSIBILITY_FULFIL, needs_entry=True),
    Act.WITHDRAWN: Move(LIVE, Action.RESPONSIBILITY_ASSIGN, needs_reason=True),
}
STATE_NAMES: Final[Mapping[str, str]] = {
    "assigned": "待责任部门答复",
    "accepted": "责任部门已接受，待编目",
    "refused": "责任部门不接受，待信息办决定",
    "upheld": "信息办决定责任不变，待编目",
    "released": "已解除",
    "catalogued": "已编目，待发布",
    "published": "已发布",
    "withdrawn": "已撤销",
}
ACT_NAMES: Final[Mapping[Act, str]] = {
    Act.ASSIGNED: "确定责任部门",
    Act.ACCEPTED: "接受责任",
    Act.REFUSED: "不接受责任",
    Act.UPHELD: "决定责任不变",
    Act.RELEASED: "决定解除",
    Act.CATALOGUED: "指明目录",
    Act.WITHDRAWN: "撤销",
}


def legal(state: str) -> tuple[Act, ...]:
    """What can be done in this state, by anybody."""
    return tuple(act for act, move in MOVES.items() if state in move.sources)
