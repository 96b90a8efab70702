"""The five kinds of objections and their legal moves, as data. Pure.

Rules of the table: the department it is about answers first (协商, Art. 28); who objected accepts the answer, or brings
it, answered or not, before the authority (主管部门), and after that before the people's government, whose decision ends
it. Every level is answered by somebody else. The first two have a term, the last has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from directory.actions import Action
from directory.clock.deadlines import Rule
from directory.matters.procedure import Move, Party, Procedure

HOUSE_TERM: Final = Rule("OBJECTION", 28, 10, 0)
"""Not the law's: the regulation writes no days for objections and mediation (``standards/04`` §1). It is the ten
working days of a correction (Art. 26), taken over here so that no objection lies unanswered, and shown as such."""


class Topic(StrEnum):
    """What an objection is about."""

    AUTHORISATION = "authorisation"
    CATALOGUE = "catalogue"
    CONTENT = "content"
    RESOURCE = "resource"
    USE = "use"


@dataclass(frozen=True)
class TopicRule:
    """A kind: its name, the article it rests on, who answers it first, and what it may be about."""

    name: str
    article: int
    answered_by: Literal["provider", "requester"]
    needs_request: bool
    hint: str


TOPICS: Final[Mapping[Topic, TopicRule]] = {
    Topic.AUTHORISATION: TopicRule(
        "授权异议", 21, "provider", True, "对部分同意、附加条件、暂停或终止授权等答复不认可；由提供部门答复"
    ),
    Topic.CATALOGUE: TopicRule(
        "目录异议", 15, "provider", False, "目录登记的数据项、共享属性、条件或更新周期不对；由编目的提供部门答复"
    ),
    Topic.CONTENT: TopicRule(
        "内容异议", 26, "provider", False, "数据内容不对而校核答复“核实无误”，不认可；由提供部门答复"
    ),
    Topic.RESOURCE: TopicRule(
        "资源异议", 22, "provider", False, "挂接的库表、文件取不到、与目录不符或没有按时提供；由提供部门答复"
    ),
    Topic.USE: TopicRule(
        "使用异议", 25, "requester", True, "提供部门认为超出约定的范围或目的使用；由使用数据的部门答复"
    ),
}


class State(StrEnum):
    NEGOTIATION = "negotiation"
    NEGOTIATION_ANSWERED = "negotiation_answered"
    AUTHORITY = "authority"
    AUTHORITY_ANSWERED = "authority_answered"
    GOVERNMENT = "government"
    SETTLED = "settled"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does to an objection; ``RAISED`` makes it."""

    RAISED = "raised"
    ANSWERED = "answered"
    SETTLED = "settled"
    ESCALATED = "escalated"
    URGED = "urged"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What an answer comes to."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


OUTCOME_NAMES: Final[Mapping[str, str]] = {
    Outcome.UPHELD: "异议成立，照办",
    Outcome.PARTLY: "部分成立",
    Outcome.REJECTED: "异议不成立",
}
STATE_NAMES: Final[Mapping[str, str]] = {
    State.NEGOTIATION: "协商中，待对方部门答复",
    State.NEGOTIATION_ANSWERED: "对方部门已答复，待提出部门决定",
    State.AUTHORITY: "已报主管部门，待处理",
    State.AUTHORITY_ANSWERED: "主管部门已答复，待提出部门决定",
    State.GOVERNMENT: "已报本级人民政府，待决定",
    State.SETTLED: "接受答复，办结",
    State.DECIDED: "本级人民政府已决定，办结",
    State.WITHDRAWN: "已撤回",
}
ACT_NAMES: Final[Mapping[str, str]] = {
    Act.RAISED: "提出异议",
    Act.ANSWERED: "答复异议",
    Act.SETTLED: "接受答复",
    Act.ESCALATED: "报上一级处理",
    Act.URGED: "督办",
    Act.WITHDRAWN: "撤回",
}
ACT_HINTS: Final[Mapping[str, str]] = {
    Act.ANSWERED: "逐条回应，写明理由；成立的写明怎样改正、何时改好",
    Act.SETTLED: "不再争议，办结",
    Act.ESCALATED: "协商不成报主管部门，仍不一致报本级人民政府（条例第 28 条）；写明不认可的理由",
    Act.URGED: "在经过里留下督办记录；不改变期限",
    Act.WITHDRAWN: "写明为什么不再提出",
}

_ANSWERED: Final[Mapping[str, Move]] = {
    Act.SETTLED: Move(State.SETTLED, Party.RAISER, Action.OBJECTION_ESCALATE, needs_comment=False),
}
_OPEN: Final[Mapping[str, Move]] = {Act.WITHDRAWN: Move(State.WITHDRAWN, Party.RAISER, Action.OBJECTION_RAISE)}
_URGE = Action.MATTER_URGE
MOVES: Final[Mapping[str, Mapping[str, Move]]] = {
    State.NEGOTIATION: {
        Act.ANSWERED: Move(State.NEGOTIATION_ANSWERED, Party.ANSWERER, Action.OBJECTION_ANSWER, is_answer=True),
        Act.ESCALATED: Move(State.AUTHORITY, Party.RAISER, Action.OBJECTION_ESCALATE),
        Act.URGED: Move(State.NEGOTIATION, Party.OFFICE, _URGE),
        **_OPEN,
    },
    State.NEGOTIATION_ANSWERED: {
        **_ANSWERED,
        Act.ESCALATED: Move(State.AUTHORITY, Party.RAISER, Action.OBJECTION_ESCALATE),
    },
    State.AUTHORITY: {
        Act.ANSWERED: Move(State.AUTHORITY_ANSWERED, Party.OFFICE, Action.OBJECTION_DECIDE, is_answer=True),
        **_OPEN,
    },
    State.AUTHORITY_ANSWERED: {
        **_ANSWERED,
        Act.ESCALATED: Move(State.GOVERNMENT, Party.RAISER, Action.OBJECTION_ESCALATE),
    },
    State.GOVERNMENT: {
        Act.ANSWERED: Move(State.DECIDED, Party.OFFICE, Action.OBJECTION_DECIDE, is_answer=True),
        **_OPEN,
    },
    State.SETTLED: {},
    State.DECIDED: {},
    State.WITHDRAWN: {},
}
TIMED: Final = frozenset({State.NEGOTIATION, State.AUTHORITY})
"""The levels that have a term."""

OBJECTIONS: Final = Procedure(
    kind="objection",
    prefix="YY",
    name="异议",
    read=Action.OBJECTION_READ,
    moves=MOVES,
    names=STATE_NAMES,
    acts=ACT_NAMES,
    forward=frozenset({Act.ANSWERED, Act.SETTLED}),
)
