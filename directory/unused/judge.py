"""What can be said of a grant's deliveries from what was reported. Pure: no clock, no database.

The directory knows that a batch was applied when it has the consumer's signed receipt, and when it last heard of a
node. It does not know what anybody does with what was delivered, nor what happens at a node that is silent: of such a
grant it says just that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

EVERY_DAYS: Final[Mapping[str, int]] = {"daily": 1, "weekly": 7, "monthly": 31}
"""How far apart deliveries may lie by the grant's frequency; one that is delivered once is never too late again."""


class Verdict(StrEnum):
    """What stands out."""

    NEVER = "never"
    SILENT = "silent"
    UNKNOWN = "unknown"


VERDICT_NAMES: Final[Mapping[Verdict, str]] = {
    Verdict.NEVER: "从未送达",
    Verdict.SILENT: "很久没有送达",
    Verdict.UNKNOWN: "不知道送没送达",
}


@dataclass(frozen=True)
class Deliveries:
    """What was reported of a grant since it bound: the day of the last batch applied, and of the consumer's last call.

    ``heard_on`` is when the consumer's node was last in touch, whatever about; None for never.
    """

    bound_on: date
    last_on: date | None
    heard_on: date | None
    frequency: str


def judge(known: Deliveries, days: int, today: date) -> Verdict | None:
    """What stands out after so many days without a delivery that was due; None where nothing does."""
    if known.last_on is not None and known.frequency not in EVERY_DAYS:
        return None
    wait = days + (EVERY_DAYS[known.frequency] if known.last_on is not None else 0)
    since = known.last_on or known.bound_on
    if today - since <= timedelta(days=wait):
        return None
    if known.heard_on is None or today - known.heard_on > timedelta(days=days):
        return Verdict.UNKNOWN
    return Verdict.SILENT if known.last_on is not None else Verdict.NEVER
