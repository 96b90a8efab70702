"""What a kind of matter is made of: its table of moves, its words, who may fill each party. Pure.

Rules that hold for every kind: a move that is not in the table is refused; whoever raised a matter answers nothing in
it, and of two answers in one matter no two are the same person's (``Move.is_answer``); a state without moves is an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from directory.actions import Action


class Party(StrEnum):
    """Who may act; which account fills a party is decided by policy."""

    CREATOR = "creator"
    RAISER = "raiser"
    ANSWERER = "answerer"
    OFFICE = "office"
    CONSUMER = "consumer"


PARTY_NAMES: Mapping[Party, str] = {
    Party.CREATOR: "提出人",
    Party.RAISER: "提出部门",
    Party.ANSWERER: "答复部门",
    Party.OFFICE: "信息办",
    Party.CONSUMER: "收到更正通知的部门",
}


@dataclass(frozen=True)
class Move:
    """Where an act leads, which party does it, by what permission, and whether it answers the matter."""

    state: str
    party: Party
    action: Action
    is_answer: bool = False
    needs_comment: bool = True


@dataclass(frozen=True)
class Procedure:
    """One kind of matter. ``prefix`` begins its numbers; ``names`` are those of states, ``acts`` those of acts."""

    kind: str
    prefix: str
    name: str
    read: Action
    moves: Mapping[str, Mapping[str, Move]]
    names: Mapping[str, str]
    acts: Mapping[str, str]
    forward: frozenset[str]

    def number(self, year: int, number: int) -> str:
        """As people quote it: JH-2026-000101."""
        return f"{self.prefix}-{year}-{number:06d}"

    def waits_for(self, state: str) -> tuple[Party, ...]:
        """Who must act for the matter to go on; empty at an end. What only may be done is not awaited."""
        found = {move.party for act, move in self.moves[state].items() if act in self.forward}
        return tuple(party for party in Party if party in found)

    def is_end(self, state: str) -> bool:
        return not self.moves[state]
