"""The legal moves of a correction, as data. Pure. Rules of the table (Art. 26):

1. the department it is before checks and answers: corrected, or not wrong with the reason, within the law's term;
2. it may pass the matter on to the lead of the items (数源部门); the term goes on as it was, nobody wins days by it;
3. the term is not extended: the regulation gives no extension here (``regulation2025-deadlines``: 0 days);
4. corrected, every consumer of a running grant that takes the items is told, and the matter is open until each of them
   has acknowledged; without consumers it is closed at once;
5. until it is over the office may urge (督办), and while it is being checked whoever raised it may withdraw it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from directory.actions import Action
from directory.matters.procedure import Move, Party, Procedure

TERM: Final = "CORRECTION"
LATE: Final = "P6"
"""Not checked and corrected in time (Art. 39); our code, the regulation numbers none."""


class State(StrEnum):
    CHECKING = "checking"
    TELLING = "telling"
    CORRECTED = "corrected"
    NOT_WRONG = "not_wrong"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does to a correction; ``RAISED`` makes it."""

    RAISED = "raised"
    CORRECTED = "corrected"
    NOT_WRONG = "not_wrong"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    URGED = "urged"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Final[Mapping[str, str]] = {
    State.CHECKING: "待核实答复",
    State.TELLING: "已更正，待使用部门确认重取",
    State.CORRECTED: "已更正，办结",
    State.NOT_WRONG: "核实无误，办结",
    State.WITHDRAWN: "已撤回",
}
ACT_NAMES: Final[Mapping[str, str]] = {
    Act.RAISED: "提出校核申请",
    Act.CORRECTED: "已更正",
    Act.NOT_WRONG: "核实无误",
    Act.FORWARDED: "转数源部门",
    Act.ACKNOWLEDGED: "确认重新取数",
    Act.URGED: "督办",
    Act.WITHDRAWN: "撤回",
}
ACT_HINTS: Final[Mapping[str, str]] = {
    Act.CORRECTED: "写明改了什么，从哪天（哪一批）起送出的是更正后的数据；各使用部门随即收到通知",
    Act.NOT_WRONG: "写明怎样核实、为什么无误；提出部门不认可的，可提出内容异议",
    Act.FORWARDED: "只能转目录里登记的数源部门；期限照原来的算",
    Act.URGED: "在经过里留下督办记录；不改变期限",
    Act.WITHDRAWN: "写明为什么不再需要核实",
}

_ANSWER: Final = Action.CORRECTION_ANSWER
MOVES: Final[Mapping[str, Mapping[str, Move]]] = {
    State.CHECKING: {
        Act.CORRECTED: Move(State.TELLING, Party.ANSWERER, _ANSWER, is_answer=True),
        Act.NOT_WRONG: Move(State.NOT_WRONG, Party.ANSWERER, _ANSWER, is_answer=True),
        Act.FORWARDED: Move(State.CHECKING, Party.ANSWERER, _ANSWER),
        Act.URGED: Move(State.CHECKING, Party.OFFICE, Action.MATTER_URGE),
        Act.WITHDRAWN: Move(State.WITHDRAWN, Party.RAISER, Action.CORRECTION_RAISE),
    },
    State.TELLING: {
        Act.ACKNOWLEDGED: Move(State.TELLING, Party.CONSUMER, Action.CORRECTION_ACKNOWLEDGE, needs_comment=False),
        Act.URGED: Move(State.TELLING, Party.OFFICE, Action.MATTER_URGE),
    },
    State.CORRECTED: {},
    State.NOT_WRONG: {},
    State.WITHDRAWN: {},
}

CORRECTIONS: Final = Procedure(
    kind="correction",
    prefix="JH",
    name="校核申请",
    read=Action.CORRECTION_READ,
    moves=MOVES,
    names=STATE_NAMES,
    acts=ACT_NAMES,
    forward=frozenset({Act.CORRECTED, Act.ACKNOWLEDGED}),
)
