"""What people are in their departments. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is in their organisation; the office roles exist only in the information office."""

    EDITOR = "editor"
    DEPARTMENT_HEAD = "department_head"
    SHARING_LEAD = "sharing_lead"
    REQUESTER = "requester"
    OFFICE_REVIEWER = "office_reviewer"
    OFFICE_APPROVER = "office_approver"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"


ROLE_NAMES: Mapping[Role, str] = {
    Role.EDITOR: "编目员",
    Role.DEPARTMENT_HEAD: "部门负责人",
    Role.SHARING_LEAD: "共享工作机构负责人",
    Role.REQUESTER: "经办人",
    Role.OFFICE_REVIEWER: "信息办审核",
    Role.OFFICE_APPROVER: "信息办负责人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDITOR: "审计管理员",
    Role.OPERATOR: "运维",
}
OFFICE_ROLES = frozenset({Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER})
THREE_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})  # 三员: one person holds at most one
DELEGATED_ROLES = frozenset({Role.DEPARTMENT_HEAD, Role.SHARING_LEAD, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER})
"""Roles that decide; only these can be held for somebody else for a time."""
