"""Where to look first: one account of each part of the city, and what stands on its desk after the demo."""

from collections.abc import Iterator, Sequence
from typing import Final

from directory.roles import Role
from hutong.demo.city import GONGAN, OFFICE, RENSHE, Department

TOUR: Final[Sequence[tuple[Department, Role, str]]] = (
    (RENSHE, Role.REQUESTER, "找资源、申请；有一件已批准的申请待提交，一件使用记录待写"),
    (RENSHE, Role.SHARING_LEAD, "批准本部门的申请；有一件待批准"),
    (GONGAN, Role.EDITOR, "编目、导入工作簿、反向编目；一条目录待提交、一条草稿待补，一件职责变化将到期"),
    (GONGAN, Role.SHARING_LEAD, "答复别的部门；有两件申请、一件校核申请待答复，期限在走"),
    (OFFICE, Role.OFFICE_REVIEWER, "受理申请、审核目录；有一件申请待受理"),
    (OFFICE, Role.OFFICE_APPROVER, "审批、督办、统计；有一件申请待审批"),
    (OFFICE, Role.SYSTEM_ADMIN, "开账号、管节点；有一个工作簿提到的部门待确认"),
)

AFTERWARDS: Final = (
    "节点和中继随演示一起停了：此后只用 hutong serve 看网页的，一刻钟后系统管理员会看到“节点久无联络”，属实；"
    "不带 --once、--verify 运行演示，节点每 5 分钟与目录联络一次。"
)
"""What is true once the demo has ended: nobody drives its nodes."""


def tour_lines() -> Iterator[str]:
    """One line an account: the user name, whose it is, and what for."""
    for department, role, words in TOUR:
        username = department.username(role)
        name = next(each.display_name for each in department.people if role in each.roles)
        yield f"  {username:<18}{department.short_title} {name}：{words}"
