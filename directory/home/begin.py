"""What the reader may begin, one click from the desk: acts, where the head's menu has pages."""

from collections.abc import Sequence
from typing import Final

from directory.actions import Action
from directory.actors import Actor
from directory.web.menu import Entry, opens

_A = Action

BEGINNINGS: Final[Sequence[Entry]] = (
    Entry("/resources/new", "新建目录", (_A.RESOURCE_REGISTER,)),
    Entry("/lists/demands/new", "提出需求", (_A.DEMAND_RAISE,)),
    Entry("/corrections/new", "提出校核申请", (_A.CORRECTION_RAISE,)),
    Entry("/objections/new", "提出异议", (_A.OBJECTION_RAISE,)),
    Entry("/lists/responsibilities/new", "确定责任部门", (_A.RESPONSIBILITY_ASSIGN,)),
    Entry("/lists/negatives/new", "建议列入负面清单", (_A.NEGATIVE_PROPOSE,)),
    Entry("/duties/new", "报告法规或职责变化", (_A.DUTY_CHANGE_REPORT,)),
    Entry("/deciders#enter", "规定谁来审批", (_A.DECIDER_RULE_EDIT,)),
    Entry("/reforms/new", "办理机构改革", (_A.ORGANISATION_REFORM,)),
    Entry("/situations/new", "违规情形立案", (_A.SITUATION_FILE,)),
    Entry("/people#open", "开账号", (_A.PEOPLE_EDIT,)),
    Entry("/organisations/new", "登记部门", (_A.ORGANISATION_EDIT,)),
    Entry("/exchange/orders#order", "下达工单", (_A.ORDER_ISSUE,)),
    Entry(
        "/delegations#role",
        "授权他人代理",
        (_A.REQUEST_AGREE, _A.REQUEST_ACCEPT, _A.REQUEST_OFFICE_AGREE, _A.RESOURCE_HEAD_APPROVE),
    ),
    Entry("/complaints/paper", "登记书面投诉", (_A.COMPLAINT_HANDLE,)),
    Entry("/complaints/new", "提交投诉举报", (_A.COMPLAINT_RAISE,)),
)


def beginnings(actor: Actor) -> tuple[Entry, ...]:
    """Those that this actor may, in the order of the list."""
    return tuple(each for each in BEGINNINGS if opens(actor, each))
