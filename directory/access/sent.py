"""The decision form: what its choices are called, what was sent, and what that says."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated, Final

from fastapi import Form
from pydantic import BaseModel, TypeAdapter, ValidationError

from directory.access.moves import TAKES
from directory.access.said import BAR, Disposal, Part, RefusedItem, RefusedItems, Said, require_place
from directory.access.states import Act
from directory.errors import DirectoryError
from directory.typed import day_if_typed, day_in, number_in

ACT_WORDS: Final[Mapping[Act, tuple[str, str]]] = {
    Act.REQ_APPROVED: ("同意提交", "本部门共享工作机构负责人批准后，经办人才能提交"),
    Act.SUBMITTED: ("提交申请", "提交后由信息办受理，开始计时"),
    Act.ACCEPTED: ("受理", "内容齐全、目录在册、属于职责范围，转提供部门答复"),
    Act.SUPPLEMENT_ASKED: ("通知补正", "一次列全；此时已经缺的，以后不得再要；补齐后重新计时"),
    Act.AGREED: ("同意", "没有另选的数据项照准；授权由提供部门节点会签后生效"),
    Act.REFUSED: ("不予共享", "须从目录列明或法定的理由中选一项；需求部门可提出争议"),
    Act.EXTENSION_ASKED: ("申请延期答复", "确有困难时，经信息办同意可延长一次，最多 10 个工作日（条例第 21 条）"),
    Act.EXTENDED: ("同意延期答复", "期限随即延长，需求部门同时得知"),
    Act.EXTENSION_REFUSED: ("不同意延期", "提供部门仍须在原期限内答复；请写明理由"),
    Act.URGED: ("督办", "在经过里留下督办记录，提供部门办理时看得到；不改变期限"),
    Act.DISPUTED: ("提出争议", "先与提供部门协商；请写明不认可答复的理由（条例第 28 条）"),
    Act.DISPUTE_ANSWERED: ("维持不予共享", "逐条回应对方的理由；对方可以接受，或报上一级"),
    Act.RECONSIDERED: ("应当重新办理", "申请回到提供部门，答复期限重新计算"),
    Act.ESCALATED: ("报上一级处理", "协商不成报主管部门，仍不一致报本级人民政府"),
    Act.SETTLED: ("接受答复，了结争议", "不再争议；以后需要时另行申请"),
    Act.SUSPENDED: ("暂停授权", "一分钟内各节点停止收发；可限期整改，整改后恢复"),
    Act.RECTIFIED: ("报告整改", "写明怎样整改的；由提供部门或信息办决定恢复还是终止"),
    Act.ACTIVE: ("恢复授权", "恢复后按原授权继续"),
    Act.TERMINATED: ("终止授权", "终止后不能恢复，须另行申请；已收到的数据须处置"),
    Act.PURPOSE_DONE: (
        "使用目的已实现",
        "目的已实现、无法实现或不再必要时提前结束；已收到的数据须处置（条例第 27 条）",
    ),
    Act.DISPOSAL_ASKED: ("提出处置要求", "选处置方式，写明范围和要求；可以限期"),
    Act.DISPOSED: ("出具处置证明", "按提供部门的要求处置完毕后出具，双方可查"),
    Act.DISCARDED: ("作废", "不再提出；内容和经过留着备查，不能恢复，需要时另行起草"),
    Act.HANDED_OVER: ("交他人接办", "经办人离开或不能办时，交本部门另一位经办人；双方都留记录"),
}
"""What the choices of the decision form are called, and what follows from each."""

ERROR_FIELDS: Final[Mapping[str, str]] = {
    "REFUSAL_REASON": "reason",
    "COMMENT_REQUIRED": "comment",
    "EXTENSION_DAYS": "days",
    "SUPPLEMENT_EMPTY": "missing",
    "SUPPLEMENT_ONCE": "missing",
    "SUPPLEMENT_LATE": "missing",
    "ITEMS_ALL_REFUSED": "refused",
    "ITEM_NOT_ASKED": "refused",
    "NEGATIVE_HELD_BACK": "refused",
    "UNTIL_PAST": "until",
    "DAY_FAR": "until",
    "DAY_UNREADABLE": "until",
    "DISPOSAL_WAY": "way",
    "DISPOSAL_OTHER": "way",
    "DISPOSAL_DAY": "certificate",
    "DISPOSAL_INCOMPLETE": "certificate",
    "DISPOSAL_WITNESS": "certificate",
    "HANDLER_UNFIT": "handed_to",
}
"""Beside which field of the decision form a refusal is said."""

STEP_LIGHTS: Final[Mapping[Act, str]] = {
    Act.SUPPLEMENT_ASKED: "amber",
    Act.EXTENSION_ASKED: "amber",
    Act.EXTENSION_REFUSED: "amber",
    Act.URGED: "red",
    Act.SUSPENDED: "amber",
    Act.REFUSED: "red",
    Act.DISPUTED: "amber",
    Act.DISPUTE_ANSWERED: "red",
    Act.ESCALATED: "amber",
    Act.TERMINATED: "red",
    Act.EXPIRED: "amber",
    Act.REPLACED: "amber",
    Act.DISPOSAL_ASKED: "amber",
    Act.DISCARDED: "off",
    Act.HANDED_OVER: "amber",
}
"""The colour of a step in the history; green unless it is here."""


class Decision(BaseModel):
    """The decision form as it was sent. ``refused`` are choices of the items' lists: a field, a bar, a reason; ``seen``
    is the number of the last step that stood on the page; ``sole`` the one part that can be missing, where there is no
    choice of parts.
    """

    to: str = ""
    version: Annotated[str, Form(max_length=10)] = ""
    seen: Annotated[str, Form(max_length=10)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    reason: Annotated[str, Form(max_length=2000)] = ""
    days: Annotated[str, Form(max_length=5)] = ""
    missing: list[str] = []
    sole: Annotated[str, Form(max_length=20)] = ""
    refused: list[str] = []
    until: Annotated[str, Form(max_length=20)] = ""
    way: Annotated[str, Form(max_length=20)] = ""
    carried_out_on: Annotated[str, Form(max_length=20)] = ""
    carried_out_by: Annotated[str, Form(max_length=100)] = ""
    witnessed_by: Annotated[str, Form(max_length=100)] = ""
    covers: Annotated[str, Form(max_length=2000)] = ""
    handed_to: Annotated[str, Form(max_length=64)] = ""


_CERTIFICATE: Final = ("carried_out_on", "carried_out_by", "witnessed_by", "covers")
FIELDS: Final[Mapping[str, AbstractSet[Act]]] = {
    **{name: TAKES[name] for name in ("days", "missing", "until", "handed_to")},
    "reason": TAKES["reason"] - {Act.DISPOSAL_ASKED},
    "refused": TAKES["refused_items"],
    "way": {Act.DISPOSAL_ASKED} | TAKES["certificate"],
    **dict.fromkeys(_CERTIFICATE, TAKES["certificate"]),
}
"""The form's fields, each for what it says; ``way`` is the reason of disposal asked, and part of its certificate."""


def said_of(sent: Decision, act: Act) -> Said:
    """What the form says with this act.

    Raises ``SAID_TOO_MUCH`` for what belongs to another choice, ``DAY_UNREADABLE``, and ``INPUT_MALFORMED`` for choices
    that no form of ours offers.
    """
    require_place(act, FIELDS, [name for name in FIELDS if _is_filled(getattr(sent, name))])
    missing = sent.missing or ([sent.sole] if sent.sole and act is Act.SUPPLEMENT_ASKED else [])
    if not set(missing) <= set(Part):
        raise DirectoryError("INPUT_MALFORMED", fields="missing")
    return Said(
        comment=sent.comment,
        reason=sent.way if act is Act.DISPOSAL_ASKED else sent.reason,
        days=int(sent.days) if sent.days in _DAYS else None,
        missing=tuple(part for part in Part if part in missing),
        refused_items=_items(sent.refused),
        until=day_if_typed(sent.until),
        certificate=_certificate(sent) if act is Act.DISPOSED else None,
        handed_to=sent.handed_to,
        version=number_in(sent.version) or None,
    )


def _is_filled(typed: str | list[str]) -> bool:
    return any(typed) if isinstance(typed, list) else bool(typed.strip())


_DAYS: Final = frozenset(map(str, range(1, 101)))
_CHOSEN: Final = TypeAdapter(RefusedItems)


def _items(chosen: list[str]) -> tuple[RefusedItem, ...]:
    parted = (each.partition(BAR) for each in chosen if each)
    try:
        return _CHOSEN.validate_python([{"item": item, "reason": reason} for item, _, reason in parted if item])
    except ValidationError:
        raise DirectoryError("INPUT_MALFORMED", fields="refused") from None


def _certificate(sent: Decision) -> Disposal | None:
    try:
        return Disposal.model_validate(
            {
                "way": sent.way,
                "carried_out_on": day_in(sent.carried_out_on),
                "carried_out_by": sent.carried_out_by.strip(),
                "witnessed_by": sent.witnessed_by.strip(),
                "covers": sent.covers.strip(),
            }
        )
    except ValidationError:  # beside the certificate it is said that it is not complete
        return None
