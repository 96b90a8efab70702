"""Where to look first: one account of each part of the city, and what stands on its desk after the demo."""

from collections.abc import Iterator, Sequence
from typing import Final

from directory.roles import Role
from hutong.demo.city import GONGAN, OFFICE, RENSHE, Department

TOUR: Final[Sequence[tuple[Department, Role, str]]] = (
    (RENSHE, Role.REQUESTER, "找资源、申请，看申请走到哪一步；有一件使用记录待办"),
    (RENSHE, Role.SHARING_LEAD, "批准本部门的申请，提交前须其同意"),
    (GONGAN, Role.EDITOR, "编目、导入工作簿、反向编目"),
    (GONGAN, Role.SHARING_LEAD, "答复别的部门的申请"),
    (OFFICE, Role.OFFICE_REVIEWER, "受理申请、审核目录"),
    (OFFICE, Role.OFFICE_APPROVER, "审批、督办、统计"),
    (OFFICE, Role.SYSTEM_ADMIN, "开账号、管节点"),
)


def tour_lines() -> Iterator[str]:
    """One line an account: the user name, whose it is, and what for."""
    for department, role, words in TOUR:
        username = department.username(role)
        name = next(each.display_name for each in department.people if role in each.roles)
        yield f"  {username:<18}{department.short_title} {name}：{words}"
