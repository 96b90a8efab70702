"""Draft replies: words for the decider to change, citing articles of the table and reasons that the entry declares.

Pure. A draft decides nothing: it fills the form.
"""

from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from directory.briefs.law import cite
from directory.briefs.minimum import Suggestion
from metadata.access import AccessRequest
from metadata.resource import Item, Resource


class Draft(BaseModel):
    """One way to reply: the step, its words, the reason it starts from, and the items it leaves out."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["agree", "partly", "refuse"]
    name: str
    to: Literal["agreed", "refused"]
    comment: str
    reason: str = ""
    left_out: tuple[str, ...] = ()


def drafts(
    requester: str,
    asked: AccessRequest,
    items: Sequence[Item],
    resource: Resource,
    reasons: Sequence[str],
    suggested: Sequence[Suggestion],
    *,
    provide_days: int,
    law_forbids: str = "",
    held_back: Collection[str] = (),
) -> tuple[Draft, ...]:
    """The three replies there are; the partial one only where some items are in question and some are not, the whole
    one only where the negative list holds nothing back: no draft gives what the law forbids.

    ``reasons`` are those the entry declares and those the law gives; ``law_forbids`` is the law by which the negative
    list holds the entry or its items back, ``held_back`` which of the items asked for.
    """
    left_out = {each.item for each in suggested} | set(held_back)
    left = [item for item in items if item.field in left_out]
    kept = [item for item in items if item.field not in left_out]
    found = []
    if not held_back:
        words = _agree(requester, asked, items, resource, provide_days)
        found.append(Draft(kind="agree", name="同意", to="agreed", comment=words))
    if left and kept:
        listed = "、".join(item.name for item in left)
        words = (
            f"{_agree(requester, asked, kept, resource, provide_days)}"
            f"其余 {len(left)} 项（{listed}）暂不同意，逐项理由见答复；确有需要的，请说明用途后另行申请{cite(21)}。"
        )
        fields = tuple(item.field for item in left)
        found.append(Draft(kind="partly", name="同意一部分", to="agreed", comment=words, left_out=fields))
    reason = next((each for each in reasons if law_forbids and "不予共享" in each), reasons[0] if reasons else "")
    found.append(
        Draft(
            kind="refuse",
            name="不予共享",
            to="refused",
            comment=_refuse(requester, resource, law_forbids),
            reason=reason,
        )
    )
    return tuple(found)


def _agree(requester: str, asked: AccessRequest, items: Sequence[Item], resource: Resource, days: int) -> str:
    listed = "、".join(item.name for item in items)
    return (
        f"{requester}依据{asked.basis}，为“{asked.scenario}”申请使用“{resource.title}”。经审核，使用依据、场景、范围、方式、"
        f"时限齐全{cite(20)}，在目录公布的共享条件之内{cite(15)}，同意提供 {len(items)} 个数据项（{listed}），"
        f"自同意之日起 {days} 个工作日内提供{cite(22)}，用至 {asked.valid_until.isoformat()}。"
        f"请只在申请的范围和用途内使用，不得提供给第三方{cite(25)}，目的实现后按要求处置{cite(27)}。"
    )


def _refuse(requester: str, resource: Resource, law_forbids: str) -> str:
    because = f"（{law_forbids}）" if law_forbids else ""
    return (
        f"{requester}申请使用“{resource.title}”，经审核不同意提供，理由见所选一项{because}{cite(21)}。"
        f"如有异议，可先与我单位协商；协商不成的，可报政务数据共享主管部门处理{cite(28)}。"
    )
