"""What the parties of a request are told, and of which step: the sentences and whom they go to, as data. Pure.

A step that asks somebody to act tells them; one that answers or changes something tells whom it concerns. ``title`` is
the entry's, ``org`` the department of whoever took the step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from directory.access.states import Act, Party, Stage, State
from directory.notices.kind import Kind


def _of_request(zh: str, en: str, at: str = "") -> Kind:
    return Kind(subject="request", link=f"/requests/{{id}}{at}", zh=zh, en=en)


def _to_decide(zh: str, en: str) -> Kind:
    return _of_request(zh, en, "#decide")


KINDS: Final[Mapping[str, Kind]] = {
    "request:to_endorse": _to_decide(
        "本部门起草了对“{title}”的申请，待您批准后提交",
        "your department drafted a request for {title}; it waits for your approval",
    ),
    "request:endorsed": _to_decide(
        "您对“{title}”的申请已经本部门批准，可以提交了",
        "your request for {title} was approved by your department and can be submitted",
    ),
    "request:submitted": _to_decide(
        "{org}提交了对“{title}”的申请，待受理", "{org} submitted a request for {title}; it waits to be accepted"
    ),
    "request:to_answer": _to_decide(
        "对“{title}”的申请已受理，待本部门答复",
        "a request for {title} was accepted and waits for your department's reply",
    ),
    "request:accepted": _of_request(
        "对“{title}”的申请已受理，转提供部门答复", "the request for {title} was accepted and passed to its provider"
    ),
    "request:supplement_asked": _to_decide(
        "对“{title}”的申请须补正，缺什么一次列在申请页上",
        "the request for {title} has to be supplemented; all that is missing is listed on its page",
    ),
    "request:to_approve": _to_decide(
        "{org}同意共享“{title}”，还须信息办审批",
        "{org} agreed to share {title}; the office has to approve too",
    ),
    "request:to_approve_first": _to_decide(
        "对“{title}”的申请已受理，按规定先由信息办审批，再由提供部门决定",
        "the request for {title} was accepted; by rule the office decides first, then its provider",
    ),
    "request:agreed": _of_request(
        "对“{title}”的申请已获同意，待提供部门节点会签",
        "the request for {title} was agreed to and waits for the provider's node to countersign",
    ),
    "request:to_countersign": _of_request(
        "对“{title}”的申请已同意，请在本部门节点上核对摘要并会签",
        "the request for {title} is agreed to; compare the digest at your department's node and countersign",
    ),
    "request:refused": _of_request(
        "{org}对“{title}”的申请答复不予共享，理由见申请页；有异议可提出争议（条例第二十八条）",
        "{org} refused the request for {title}; the reason is on its page, and it can be disputed (Art. 28)",
    ),
    "request:granted": _of_request(
        "“{title}”的授权已会签生效，数据按约定频次送达",
        "the grant of {title} is countersigned and binds; data follow at the frequency agreed",
    ),
    "request:active": _of_request("“{title}”已启用", "the use of {title} is active"),
    "request:suspended": _to_decide(
        "{org}暂停了“{title}”的使用，整改期限见申请页",
        "{org} suspended the use of {title}; the day for putting right is on the request's page",
    ),
    "request:rectified": _to_decide(
        "{org}报告“{title}”的使用已整改，待核对后恢复", "{org} reports that the use of {title} was put right"
    ),
    "request:terminated": _of_request("{org}终止了“{title}”的使用", "{org} ended the use of {title}"),
    "request:expired": _of_request("“{title}”的使用时限已到，使用终止", "the term of use of {title} is over"),
    "request:replaced": _of_request(
        "“{title}”变更后的授权已生效，原授权同时结束", "the changed grant of {title} binds; the earlier has ended"
    ),
    "request:purpose_done": _of_request(
        "{org}报告“{title}”的使用目的已实现，使用终止", "{org} reports that the purpose of using {title} is reached"
    ),
    "request:disposal_asked": _to_decide(
        "{org}对“{title}”已收到的数据提出处置要求，办完须出具证明",
        "{org} says how what arrived of {title} is to be disposed of; a certificate has to follow",
    ),
    "request:disposed": _of_request(
        "{org}出具了“{title}”数据的处置证明", "{org} certified the disposal of what arrived of {title}"
    ),
    "request:extension_asked": _to_decide(
        "{org}申请延期答复“{title}”，待信息办决定", "{org} asks for more time to reply about {title}"
    ),
    "request:extended": _of_request(
        "“{title}”的答复经信息办同意延期，新的截止日见申请页",
        "the reply about {title} may take longer, as the office agreed; the new day is on the request's page",
    ),
    "request:extension_refused": _to_decide(
        "信息办不同意延期答复“{title}”，请按原期限答复", "the office refused more time to reply about {title}"
    ),
    "request:urged": _to_decide("信息办就“{title}”的申请督办，请尽快办理", "the office urges the request for {title}"),
    "request:disputed": _to_decide(
        "{org}对“{title}”的不予共享提出争议，请协商答复", "{org} disputes the refusal of {title}"
    ),
    "request:dispute_answered": _to_decide(
        "{org}答复了关于“{title}”的争议，维持不予共享", "{org} answered the dispute about {title}: the refusal stands"
    ),
    "request:escalated": _to_decide(
        "{org}将关于“{title}”的争议报上一级处理", "{org} took the dispute about {title} a level up"
    ),
    "request:reconsidered": _to_decide(
        "“{title}”的申请重新办理，期限重新计算", "the request for {title} is decided anew, with a new term"
    ),
    "request:handed_over": _to_decide(
        "{org}把对“{title}”的申请交您接办", "{org} hands you the request for {title} to go on with"
    ),
    "request:asked_listed": _of_request(
        "您对“{title}”的申请里有数据项列入了负面清单，自 {since} 起不予共享；还没有提交的，请先修改",
        "items that you ask for in {title} are on the negative list from {since}; change what is not submitted yet",
        "#negative",
    ),
    "request:used_listed": _of_request(
        "在用的“{title}”授权里有数据项列入了负面清单，自 {since} 起不予共享；授权照旧，变更或终止须先协商",
        "items in use of {title} are on the negative list from {since}; the provider decides what becomes of the use",
        "#negative",
    ),
    "request:asked_unlisted": _of_request(
        "您申请的“{title}”里有数据项移出了负面清单，不再因此不予共享；要用而申请里已没有的，可以再提出",
        "items that you asked for in {title} were taken off the negative list; ask again for what you left out",
    ),
    "request:used_unlisted": _of_request(
        "在用的“{title}”授权里有数据项移出了负面清单，不再因此须变更或终止",
        "items in use of {title} were taken off the negative list: nothing need be done about them",
    ),
    "request:items_gone": _of_request(
        "“{title}”发布了新版，您申请的数据项有的已不在目录里；请修改后再提交",
        "{title} was published anew without items that you ask for; change the request before it is submitted",
        "#negative",
    ),
    "request:settled": _of_request("{org}接受答复，“{title}”的争议了结", "{org} let the dispute about {title} rest"),
}

_CREATOR, _LEAD = Party.CREATOR, Party.REQUESTER_LEAD
_PROVIDER, _OFFICE = Party.PROVIDER_LEAD, Party.OFFICE_APPROVER
_ASKERS = (_CREATOR, _LEAD)
_BOTH = (*_ASKERS, _PROVIDER)


@dataclass(frozen=True)
class Told:
    """A kind, and the parties who are told of it; with ``state`` or ``stage`` only of a step that led there."""

    kind: str
    parties: tuple[Party, ...]
    state: State | None = None
    stage: Stage | None = None


TOLD: Final[Mapping[Act, tuple[Told, ...]]] = {
    Act.CREATED: (Told("request:to_endorse", (_LEAD,)),),
    Act.AMENDED: (Told("request:to_endorse", (_LEAD,)),),
    Act.REQ_APPROVED: (
        Told("request:endorsed", (_CREATOR,), state=State.REQ_APPROVED),
        Told("request:to_answer", (_PROVIDER,), state=State.SUBMITTED),
    ),
    Act.SUBMITTED: (Told("request:submitted", (Party.OFFICE_REVIEWER,)),),
    Act.ACCEPTED: (
        Told("request:to_answer", (_PROVIDER,), stage=Stage.PROVIDER),
        Told("request:to_approve_first", (_OFFICE,), stage=Stage.OFFICE),
        Told("request:accepted", _ASKERS),
    ),
    Act.DISCARDED: (),
    Act.HANDED_OVER: (Told("request:handed_over", (_CREATOR,)),),
    Act.SUPPLEMENT_ASKED: (Told("request:supplement_asked", _ASKERS),),
    Act.AGREED: (
        Told("request:to_approve", (_OFFICE,), stage=Stage.OFFICE),
        Told("request:to_answer", (_PROVIDER,), stage=Stage.PROVIDER),
        Told("request:agreed", _ASKERS, state=State.AGREED),
        Told("request:to_countersign", (_PROVIDER,), state=State.AGREED),
    ),
    Act.REFUSED: (Told("request:refused", _ASKERS),),
    Act.PROVISIONED: (Told("request:granted", _BOTH),),
    Act.ACTIVE: (Told("request:active", _BOTH),),
    Act.SUSPENDED: (Told("request:suspended", _BOTH),),
    Act.TERMINATED: (Told("request:terminated", _BOTH),),
    Act.EXTENSION_ASKED: (Told("request:extension_asked", (_OFFICE,)),),
    Act.EXTENDED: (Told("request:extended", _BOTH),),
    Act.EXTENSION_REFUSED: (Told("request:extension_refused", (_PROVIDER,)),),
    Act.URGED: (Told("request:urged", (_PROVIDER,)),),
    Act.DISPUTED: (Told("request:disputed", (_PROVIDER,)),),
    Act.DISPUTE_ANSWERED: (Told("request:dispute_answered", _ASKERS),),
    Act.ESCALATED: (Told("request:escalated", (_OFFICE, _PROVIDER)),),
    Act.RECONSIDERED: (Told("request:reconsidered", _BOTH),),
    Act.SETTLED: (Told("request:settled", (_PROVIDER,)),),
    Act.RECTIFIED: (Told("request:rectified", (_PROVIDER,)),),
    Act.EXPIRED: (Told("request:expired", _BOTH),),
    Act.REPLACED: (Told("request:replaced", _BOTH),),
    Act.PURPOSE_DONE: (Told("request:purpose_done", (_PROVIDER,)),),
    Act.DISPOSAL_ASKED: (Told("request:disposal_asked", _ASKERS),),
    Act.DISPOSED: (Told("request:disposed", (_PROVIDER,)),),
}
