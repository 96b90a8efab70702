"""What is told of accounts and roles: to their owner, to who keeps roles, to the department of who left. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "account:closed": Kind(
        subject="",
        link="/people",
        zh="{name}的账号已停用，角色已收回；经手未办结的，请交同事接办",
        en="the account of {name} is closed; hand what they had in hand to a colleague",
    ),
    "account:password_reset": Kind(
        subject="",
        link="/people",
        zh="{name}的密码已由系统管理员重置为一次性密码；不是本人要求的，请立即查问",
        en="the password of {name} was reset by the system administrator; find out why if they did not ask",
    ),
    "account:your_password_reset": Kind(
        subject="",
        link="/password",
        zh="您的密码已由系统管理员重置；不是您要求的，请立即告知安全管理员",
        en="your password was reset by the system administrator; tell the security administrator if you did not ask",
    ),
    "role:given": Kind(subject="", link="/", zh="安全管理员授予您“{role}”角色", en="you were given the role {role}"),
    "role:taken": Kind(
        subject="", link="/", zh="安全管理员收回了您的“{role}”角色", en="the role {role} was taken from you"
    ),
}
