"""The legal moves of a request, as data. Pure.

The states are those of ``standards/04`` §3 in lower case. Acceptance (受理), the provider's decision and, where the
entry asks for it, the office's all happen inside ``submitted``, because the law knows one reply and one due date;
``stage`` says whose turn it is. Rules of the table:

1. the requester's 共享工作机构负责人 approves before submission (Art. 20), and again when it was amended since;
2. only a complete request is accepted; an incomplete one is sent back once, never refused for that (Art. 21);
3. the provider's 共享工作机构负责人 decides, then the office where the published conditions say so (Art. 20, 21);
4. an agreed grant binds when the provider's own node has countersigned it, and is active once rows have arrived;
5. the provider may ask once for more time to reply, and the office consents or not (Art. 21);
6. while the provider's term runs, the office may urge (督办);
7. the provider or the office suspends, resumes and terminates (Art. 27); the requester's side may terminate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    REQ_APPROVED = "req_approved"
    SUBMITTED = "submitted"
    SUPPLEMENT_ASKED = "supplement_asked"
    AGREED = "agreed"
    REFUSED = "refused"
    PROVISIONED = "provisioned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class Stage(StrEnum):
    """Whose turn it is inside ``submitted``; empty elsewhere."""

    NONE = ""
    ACCEPTANCE = "acceptance"
    PROVIDER = "provider"
    OFFICE = "office"


class Act(StrEnum):
    """What somebody does to a request. ``CREATED`` and ``AMENDED`` make its text; they are the creator's own."""

    CREATED = "created"
    AMENDED = "amended"
    REQ_APPROVED = "req_approved"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    SUPPLEMENT_ASKED = "supplement_asked"
    AGREED = "agreed"
    REFUSED = "refused"
    PROVISIONED = "provisioned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    URGED = "urged"


class Party(StrEnum):
    """Who may act; which account fills a party is decided by policy."""

    CREATOR = "creator"
    REQUESTER_LEAD = "requester_lead"
    OFFICE_REVIEWER = "office_reviewer"
    PROVIDER_LEAD = "provider_lead"
    OFFICE_APPROVER = "office_approver"
    SUPERVISOR = "supervisor"
    PROVIDER_NODE = "provider_node"
    CONSUMER_NODE = "consumer_node"


@dataclass(frozen=True)
class Facts:
    """What a move may depend on besides state and stage; ``extension`` is empty, ``asked`` or ``decided``."""

    needs_office: bool = False
    has_arrived: bool = False
    extension: str = ""


@dataclass(frozen=True)
class Move:
    """Where an act leads, and the parties any one of which may do it."""

    state: State
    stage: Stage
    by: frozenset[Party]


@dataclass(frozen=True)
class NoMove:
    """The act is not legal here; these are."""

    legal: tuple[Act, ...]


def _move(state: State, by: Party | frozenset[Party], stage: Stage = Stage.NONE) -> Move:
    return Move(state, stage, frozenset({by}) if isinstance(by, Party) else by)


_S, _A, _P = State, Act, Party
_SUPERVISORS = frozenset({_P.PROVIDER_LEAD, _P.OFFICE_APPROVER})
_ENDERS = _SUPERVISORS | {_P.REQUESTER_LEAD}
_TERMINATE = _move(_S.TERMINATED, _ENDERS)
_SUSPEND = _move(_S.SUSPENDED, _SUPERVISORS)


def _urge(state: State, stage: Stage = Stage.NONE) -> Mapping[Act, Move]:
    """督办: the office reminds, on record, whoever is to act; the request stays where it is."""
    return {_A.URGED: _move(state, _P.SUPERVISOR, stage)}


def _extension(stage: Stage) -> Mapping[Act, Move]:
    """Art. 21: with the office's consent the reply may take longer; the request stays where it is."""
    return {
        _A.EXTENSION_ASKED: _move(_S.SUBMITTED, _P.PROVIDER_LEAD, stage),
        _A.EXTENDED: _move(_S.SUBMITTED, _P.OFFICE_APPROVER, stage),
        _A.EXTENSION_REFUSED: _move(_S.SUBMITTED, _P.OFFICE_APPROVER, stage),
    }


_WHEN_EXTENSION: Mapping[Act, str] = {_A.EXTENSION_ASKED: "", _A.EXTENDED: "asked", _A.EXTENSION_REFUSED: "asked"}

MOVES: Mapping[tuple[State, Stage], Mapping[Act, Move]] = {
    (_S.DRAFT, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.REQ_APPROVED: _move(_S.REQ_APPROVED, _P.REQUESTER_LEAD),
    },
    (_S.REQ_APPROVED, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.SUBMITTED: _move(_S.SUBMITTED, _P.CREATOR, Stage.ACCEPTANCE),
    },
    (_S.SUBMITTED, Stage.ACCEPTANCE): {
        _A.ACCEPTED: _move(_S.SUBMITTED, _P.OFFICE_REVIEWER, Stage.PROVIDER),
        _A.SUPPLEMENT_ASKED: _move(_S.SUPPLEMENT_ASKED, _P.OFFICE_REVIEWER),
    },
    (_S.SUPPLEMENT_ASKED, Stage.NONE): {
        _A.AMENDED: _move(_S.DRAFT, _P.CREATOR),
        _A.SUBMITTED: _move(_S.SUBMITTED, _P.CREATOR, Stage.ACCEPTANCE),
    },
    (_S.SUBMITTED, Stage.PROVIDER): {
        _A.AGREED: _move(_S.AGREED, _P.PROVIDER_LEAD),
        _A.REFUSED: _move(_S.REFUSED, _P.PROVIDER_LEAD),
        **_extension(Stage.PROVIDER),
        **_urge(_S.SUBMITTED, Stage.PROVIDER),
    },
    (_S.SUBMITTED, Stage.OFFICE): {
        _A.AGREED: _move(_S.AGREED, _P.OFFICE_APPROVER),
        _A.REFUSED: _move(_S.REFUSED, _P.OFFICE_APPROVER),
        **_extension(Stage.OFFICE),
    },
    (_S.AGREED, Stage.NONE): {
        _A.PROVISIONED: _move(_S.PROVISIONED, _P.PROVIDER_NODE),
        _A.TERMINATED: _TERMINATE,
        **_urge(_S.AGREED),
    },
    (_S.PROVISIONED, Stage.NONE): {
        _A.ACTIVE: _move(_S.ACTIVE, _P.CONSUMER_NODE),
        _A.SUSPENDED: _SUSPEND,
        _A.TERMINATED: _TERMINATE,
        **_urge(_S.PROVISIONED),
    },
    (_S.ACTIVE, Stage.NONE): {_A.SUSPENDED: _SUSPEND, _A.TERMINATED: _TERMINATE},
    (_S.SUSPENDED, Stage.NONE): {_A.ACTIVE: _move(_S.ACTIVE, _SUPERVISORS), _A.TERMINATED: _TERMINATE},
    (_S.REFUSED, Stage.NONE): {},
    (_S.TERMINATED, Stage.NONE): {},
}

STATE_NAMES: Mapping[tuple[State, Stage], str] = {
    (_S.DRAFT, Stage.NONE): "草稿，待本部门批准",
    (_S.REQ_APPROVED, Stage.NONE): "本部门已批准，待提交",
    (_S.SUBMITTED, Stage.ACCEPTANCE): "已提交，待受理",
    (_S.SUBMITTED, Stage.PROVIDER): "已受理，待提供部门答复",
    (_S.SUBMITTED, Stage.OFFICE): "提供部门已同意，待信息办审批",
    (_S.SUPPLEMENT_ASKED, Stage.NONE): "待补正",
    (_S.AGREED, Stage.NONE): "已同意，待提供部门节点会签",
    (_S.REFUSED, Stage.NONE): "不予共享",
    (_S.PROVISIONED, Stage.NONE): "已开通，待首批数据",
    (_S.ACTIVE, Stage.NONE): "使用中",
    (_S.SUSPENDED, Stage.NONE): "已暂停",
    (_S.TERMINATED, Stage.NONE): "已终止",
}
ACT_NAMES: Mapping[Act, str] = {
    _A.CREATED: "起草",
    _A.AMENDED: "修改",
    _A.REQ_APPROVED: "本部门批准",
    _A.SUBMITTED: "提交",
    _A.ACCEPTED: "受理",
    _A.SUPPLEMENT_ASKED: "通知补正",
    _A.AGREED: "同意",
    _A.REFUSED: "不予共享",
    _A.PROVISIONED: "节点会签",
    _A.ACTIVE: "启用",
    _A.SUSPENDED: "暂停",
    _A.TERMINATED: "终止",
    _A.EXTENSION_ASKED: "申请延期答复",
    _A.EXTENDED: "同意延期",
    _A.EXTENSION_REFUSED: "不同意延期",
    _A.URGED: "督办",
}
PARTY_NAMES: Mapping[Party, str] = {
    _P.CREATOR: "申请经办人",
    _P.REQUESTER_LEAD: "需求部门共享工作机构负责人",
    _P.OFFICE_REVIEWER: "信息办审核",
    _P.PROVIDER_LEAD: "提供部门共享工作机构负责人",
    _P.OFFICE_APPROVER: "信息办负责人",
    _P.SUPERVISOR: "信息办",
    _P.PROVIDER_NODE: "提供部门前置节点",
    _P.CONSUMER_NODE: "需求部门前置节点",
}


def legal_moves(state: State, stage: Stage, facts: Facts) -> Mapping[Act, Move]:
    """The moves of the table that these facts leave open."""
    found = MOVES.get((state, stage), {})
    return {act: moved for act, moved in found.items() if _WHEN_EXTENSION.get(act, facts.extension) == facts.extension}


def move(state: State, stage: Stage, act: Act, facts: Facts) -> Move | NoMove:
    """Where this act leads from here, or the acts that are legal instead."""
    legal = legal_moves(state, stage, facts)
    found = legal.get(act)
    if found is None:
        return NoMove(tuple(legal))
    if act is Act.AGREED and stage is Stage.PROVIDER and facts.needs_office:
        return Move(State.SUBMITTED, Stage.OFFICE, found.by)
    if act is Act.ACTIVE and state is State.SUSPENDED and not facts.has_arrived:
        return Move(State.PROVISIONED, Stage.NONE, found.by)  # resumed before anything had arrived
    return found


def waits_for(state: State, stage: Stage) -> frozenset[Party]:
    """Who must act for the request to go on; empty when nobody has to. Supervision is never awaited."""
    forward = (Act.REQ_APPROVED, Act.SUBMITTED, Act.ACCEPTED, Act.AGREED, Act.PROVISIONED)
    legal = MOVES.get((state, stage), {})
    return frozenset(party for act in forward if act in legal for party in legal[act].by)
