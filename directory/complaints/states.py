"""The legal moves of a complaint, as data. Pure. Rules of the table (Art. 37):

1. everybody signed in may complain, and the office enters what comes on paper; who complained does nothing more in it
   than withdraw it;
2. the office takes it (受理) or declines it with the reason; it may ask the department concerned to look into it, in
   words of its own (转办), and that department reports back to the office, not to whoever complained;
3. the office answers whoever complained; that ends it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from directory.actions import Action
from directory.matters.procedure import Move, Party, Procedure


class State(StrEnum):
    RECEIVED = "received"
    HANDLING = "handling"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does to a complaint; ``RAISED`` makes it."""

    RAISED = "raised"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Topic(StrEnum):
    """What is complained of."""

    PERSONAL_INFORMATION = "personal_information"
    MISUSE = "misuse"
    REFUSAL = "refusal"
    DUPLICATE = "duplicate"
    OTHER = "other"


TOPIC_NAMES: Final[Mapping[str, str]] = {
    Topic.PERSONAL_INFORMATION: "个人信息处理",
    Topic.MISUSE: "超范围使用或泄露",
    Topic.REFUSAL: "拒绝、拖延共享",
    Topic.DUPLICATE: "重复收集",
    Topic.OTHER: "其他",
}
CHANNEL_NAMES: Final[Mapping[str, str]] = {"signed_in": "系统内提交", "paper": "书面来件"}
STATE_NAMES: Final[Mapping[str, str]] = {
    State.RECEIVED: "已收到，待受理",
    State.HANDLING: "已受理，办理中",
    State.ASSIGNED: "已转有关部门核查",
    State.REPORTED: "部门已回报，待答复",
    State.ANSWERED: "已答复，办结",
    State.DECLINED: "不予受理",
    State.WITHDRAWN: "已撤回",
}
ACT_NAMES: Final[Mapping[str, str]] = {
    Act.RAISED: "提交投诉举报",
    Act.ACCEPTED: "受理",
    Act.DECLINED: "不予受理",
    Act.ASSIGNED: "转办核查",
    Act.REPORTED: "回报核查情况",
    Act.ANSWERED: "答复",
    Act.WITHDRAWN: "撤回",
}
ACT_HINTS: Final[Mapping[str, str]] = {
    Act.ACCEPTED: "出具受理编号；投诉人随时可查走到哪一步",
    Act.DECLINED: "写明不属于受理范围的理由，以及应向谁反映",
    Act.ASSIGNED: "选部门，用信息办自己的话写明要查什么；部门看不到原文，也看不到投诉人",
    Act.REPORTED: "写明核查经过、事实和处理；只有信息办看得到",
    Act.ANSWERED: "答复投诉人：查明了什么、怎样处理；办结",
    Act.WITHDRAWN: "写明为什么撤回",
}

_HANDLE: Final = Action.COMPLAINT_HANDLE
_WITHDRAW: Final[Mapping[str, Move]] = {Act.WITHDRAWN: Move(State.WITHDRAWN, Party.CREATOR, Action.COMPLAINT_RAISE)}
_ASSIGN: Final[Mapping[str, Move]] = {Act.ASSIGNED: Move(State.ASSIGNED, Party.OFFICE, _HANDLE)}
_ANSWER: Final[Mapping[str, Move]] = {Act.ANSWERED: Move(State.ANSWERED, Party.OFFICE, _HANDLE)}
MOVES: Final[Mapping[str, Mapping[str, Move]]] = {
    State.RECEIVED: {
        Act.ACCEPTED: Move(State.HANDLING, Party.OFFICE, _HANDLE, needs_comment=False),
        Act.DECLINED: Move(State.DECLINED, Party.OFFICE, _HANDLE),
        **_WITHDRAW,
    },
    State.HANDLING: {**_ASSIGN, **_ANSWER, **_WITHDRAW},
    State.ASSIGNED: {
        Act.REPORTED: Move(State.REPORTED, Party.ANSWERER, Action.COMPLAINT_REPORT),
        **_ANSWER,
        **_WITHDRAW,
    },
    State.REPORTED: {**_ASSIGN, **_ANSWER, **_WITHDRAW},
    State.ANSWERED: {},
    State.DECLINED: {},
    State.WITHDRAWN: {},
}

COMPLAINTS: Final = Procedure(
    kind="complaint",
    prefix="TS",
    name="投诉举报",
    read=Action.COMPLAINT_RAISE,
    moves=MOVES,
    names=STATE_NAMES,
    acts=ACT_NAMES,
    forward=frozenset({Act.ACCEPTED, Act.ASSIGNED, Act.REPORTED, Act.ANSWERED}),
)
