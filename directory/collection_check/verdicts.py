"""What is found for one field of a planned form, in one word with its sentence. Pure.

Data that can be had by sharing must not be collected again (Art. 19): what another department shares or has opened, and
what one's own department has. What is not shared cannot be had so; what only looks alike a person has to compare.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from directory.item_match.compare import SURE
from directory.item_match.queries import Match

SHOWN_MOST: Final = 5


class Verdict(StrEnum):
    """Whether a field may be collected."""

    OWN = "own"
    OBTAINABLE = "obtainable"
    CLOSED = "closed"
    POSSIBLE = "possible"
    NEW = "new"


VERDICT_NAMES: Final[Mapping[Verdict, str]] = {
    Verdict.OWN: "本部门已有",
    Verdict.OBTAINABLE: "可共享取得",
    Verdict.CLOSED: "已有但不共享",
    Verdict.POSSIBLE: "可能已有",
    Verdict.NEW: "没有找到",
}
HELD: Final = frozenset({Verdict.OWN, Verdict.OBTAINABLE})


def judge(found: Sequence[Match], own: str) -> tuple[Verdict, Match | None, str]:
    """The verdict on a field by its matches, the best of them, and the sentence that says what to do."""
    sure = [each for each in found if each.score >= SURE]
    mine = next((each for each in sure if each.org_code == own), None)
    if mine is not None:
        return Verdict.OWN, mine, f"本部门目录“{mine.title}”已有，直接使用，不再采集"
    shared = next((each for each in sure if each.is_open or each.share_type in {"unconditional", "conditional"}), None)
    if shared is not None:
        return Verdict.OBTAINABLE, shared, f"向{shared.org_name}取得（{shared.how}），不再采集（条例第十九条）"
    if sure:
        return Verdict.CLOSED, sure[0], f"{sure[0].org_name}有，但目录写明不予共享；与其协商或提出数据需求"
    if found:
        return Verdict.POSSIBLE, found[0], f"{found[0].org_name}的“{found[0].item_name}”可能是同一项，先核对口径"
    return Verdict.NEW, None, "目录里没有找到，可以采集；采集后应编入目录"
