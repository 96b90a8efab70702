"""What waits for whoever keeps the service running: each number leads to exactly the rows that it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.actions import Action
from directory.actors import Actor
from directory.nodes.lines import SILENT_AFTER
from directory.nodes.models import Confirmation, Node
from directory.organisations.models import Organisation
from directory.people.queries import Standing, standing_condition
from directory.policy import allows
from directory.roles import OFFICE_ROLES, THREE_ADMINS
from directory.supervision.undecided import undecided, undecided_in_office

_ACCOUNTS: Final[Sequence[tuple[Standing, Action, str, str]]] = (
    ("no_role", Action.ROLE_GRANT, "账号没有角色", "开好了，登录后什么也不能办：授予角色"),
    ("locked", Action.LOCKOUT_LIFT, "登录已锁定", "与本人核实后解除"),
    ("expired", Action.PEOPLE_EDIT, "一次性密码已过期", "本人没有来得及改：重置密码"),
    ("orphaned", Action.PEOPLE_EDIT, "部门已撤销，账号还在用", "人已转走的停用账号"),
)


@dataclass(frozen=True)
class Upkeep:
    """So many things of one kind, what to do about them, and where."""

    name: str
    hint: str
    count: int
    link: str


def upkeep(session: Session, actor: Actor, now: datetime) -> Sequence[Upkeep]:
    """Every kind that is this actor's to deal with; an administrator sees those too of which there is nothing now."""
    found = [
        Upkeep(name, hint, _count(session, standing_condition(standing, now)), f"/people?standing={standing}")
        for standing, action, name, hint in _ACCOUNTS
        if _holds(actor, action)
    ]
    if _holds(actor, Action.NODE_ENROL):
        known = select(Confirmation.node_id)
        unconfirmed = Node.is_revoked.is_(False) & Node.node_id.not_in(known)
        silent = (
            Node.is_revoked.is_(False)
            & Node.node_id.in_(known)
            & (func.coalesce(Node.seen_at, Node.enrolled_at) < now - SILENT_AFTER)
        )
        found += [
            Upkeep("节点指纹待核对", "当面或电话核对后确认", _nodes(session, unconfirmed), "/exchange/nodes"),
            Upkeep("节点久无联络", "请运维检查节点和网络", _nodes(session, silent), "/exchange/nodes"),
        ]
    if _holds(actor, Action.ORGANISATION_EDIT):
        count = session.scalar(select(func.count()).where(Organisation.is_confirmed.is_(False))) or 0
        found.append(Upkeep("部门待确认", "只有工作簿提到过：核对名称和代码后登记", count, "/organisations"))
    if _holds(actor, Action.ROLE_GRANT) or _holds(actor, Action.AUDIT_READ):
        found.append(
            Upkeep(
                "无人可办的事项",
                "等着的角色没有人担任，或担任的人不能再办",
                sum(each.count for each in undecided(session, actor)),
                "/people#undecided",
            )
        )
    if actor.roles & OFFICE_ROLES:
        hint = "唯一的人已经办过或不能自己批：请安全管理员再给一位同事这个角色"
        found.append(Upkeep("信息办缺人的事项", hint, undecided_in_office(session), "/supervision#undecided"))
    return found if actor.roles & THREE_ADMINS else [each for each in found if each.count]


def _holds(actor: Actor, action: Action) -> bool:
    return allows(actor, action, actor.org_code)


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    people = Account.org_code.is_not(None)  # a service's account has no department
    return session.scalar(select(func.count()).select_from(Account).where(people, condition)) or 0


def _nodes(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Node).where(condition)) or 0
