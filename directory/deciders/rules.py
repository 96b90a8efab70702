"""Who decides on a request: the rule that fits it, and what the rule may never say. Pure.

The provider's 共享工作机构负责人 decides always (Art. 20, 21); a rule only says whether the office decides besides,
after the provider or before it. Whatever the rule, the office decides where the entry's published conditions say so:
they are part of what was announced (Art. 15). All of it happens inside the provider's 1 or 10 days (Art. 21).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from directory.errors import DirectoryError


class Hand(StrEnum):
    """Who can have a say in a reply."""

    PROVIDER = "provider"
    OFFICE = "office"


HAND_NAMES: Final = {Hand.PROVIDER: "提供部门共享工作机构负责人", Hand.OFFICE: "信息办负责人"}


@dataclass(frozen=True)
class Case:
    """What of a request a rule may look at. ``sensitivity`` is its most sensitive item's, 1 to 4; ``is_published``:
    the entry's published conditions name the office.
    """

    provider_org: str
    share_type: str
    mount_kind: str
    sensitivity: int
    is_published: bool


@dataclass(frozen=True)
class Rule:
    """Who decides on what fits, from a day on; no provider and empty words fit any. Without an id it is the law's."""

    deciders: tuple[Hand, ...]
    basis: str
    effective_on: date
    provider_org: str | None = None
    share_type: str = ""
    mount_kind: str = ""
    min_sensitivity: int = 1
    id: UUID | None = None

    def fits(self, case: Case) -> bool:
        return (
            self.provider_org in (None, case.provider_org)
            and self.share_type in ("", case.share_type)
            and self.mount_kind in ("", case.mount_kind)
            and self.min_sensitivity <= case.sensitivity
        )

    @property
    def rank(self) -> tuple[bool, int, bool, bool, date]:
        """A department's rule goes before one for all, a higher sensitivity before a lower, then a type of sharing,
        then a kind of mount; of rules for the same the later holds.
        """
        named = self.provider_org is not None
        return named, self.min_sensitivity, bool(self.share_type), bool(self.mount_kind), self.effective_on


LAW: Final = Rule((Hand.PROVIDER,), "《政务数据共享条例》第二十条、第二十一条", date(2025, 8, 1))
"""The national default."""
PUBLISHED: Final = "目录公布的条件要求信息办一并审批（条例第十五条、第二十条）"


@dataclass(frozen=True)
class Decided:
    """Who decides on a case, in order, and why."""

    rule: Rule
    deciders: tuple[Hand, ...]
    why: str

    @property
    def needs_office(self) -> bool:
        return Hand.OFFICE in self.deciders

    @property
    def office_first(self) -> bool:
        return self.deciders[0] is Hand.OFFICE


def who_decides(case: Case, rules: Iterable[Rule], on: date) -> Decided:
    """The rule that holds for what is submitted on this day."""
    fitting = [rule for rule in rules if rule.effective_on <= on and rule.fits(case)]
    rule = max(fitting, key=lambda each: each.rank, default=LAW)
    if case.is_published and Hand.OFFICE not in rule.deciders:
        return Decided(rule, (*rule.deciders, Hand.OFFICE), PUBLISHED)
    return Decided(rule, rule.deciders, rule.basis)


def order_of(named: Sequence[str]) -> tuple[Hand, ...]:
    """The deciders a rule names, in order.

    Raises ``DECIDERS_UNKNOWN`` for somebody the law knows no say of, ``DECIDERS_TWICE`` for two hands of one, and
    ``DECIDERS_PROVIDER`` where the provider's decision is taken away.
    """
    known = {hand.value for hand in Hand}
    strange = sorted(set(named) - known)
    if strange:
        raise DirectoryError("DECIDERS_UNKNOWN", names=strange, known=sorted(known))
    if len(set(named)) != len(named):
        raise DirectoryError("DECIDERS_TWICE")
    if Hand.PROVIDER not in named:
        raise DirectoryError("DECIDERS_PROVIDER")
    return tuple(Hand(each) for each in named)
