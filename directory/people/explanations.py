"""What is refused about people, their roles and passwords."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "PERSON_NOT_FOUND": Explanation(
        zh="没有人员 {username}，或您不能查看",
        en="there is nobody called {username}, or you may not see them",
        next_step="从“人员”页进入。",
        next_cli="用户名用 hutong user list 查看。",
        status=404,
    ),
    "PERSON_CLOSED": Explanation(
        zh="账号 {username} 已停用",
        en="the account {username} is closed",
        next_step="需要时先由系统管理员恢复账号。",
        status=409,
    ),
    "PERSON_OPEN": Explanation(
        zh="账号 {username} 没有停用",
        en="the account {username} is not closed",
        next_step="刷新页面查看最新状态。",
        next_cli="无须再办；用 hutong user list 查看。",
        status=409,
    ),
    "ONESELF": Explanation(
        zh="不能对自己的账号做这件事",
        en="nobody does this to their own account",
        next_step="请由另一位管理员办理；改自己的密码用“修改密码”。",
        next_cli="请由另一位管理员办理；改自己的密码用 hutong user password。",
        status=403,
    ),
    "ROLE_HELD": Explanation(
        zh="{username} 已担任{role}",
        en="{username} holds this role already",
        next_step="不需要再授予。",
        status=409,
    ),
    "ROLE_NOT_HELD": Explanation(
        zh="{username} 没有担任{role}",
        en="{username} does not hold this role",
        next_step="刷新页面查看最新的角色。",
        next_cli="现有的角色用 hutong user list 查看。",
        status=409,
    ),
    "PASSWORD_WRONG": Explanation(
        zh="当前密码不正确",
        en="the present password is wrong",
        next_step="重新输入当前密码；忘记了请联系系统管理员重置。",
        status=403,
    ),
    "PASSWORD_WEAK": Explanation(
        zh="新密码不符合要求：{reason}",
        en="the new password is not acceptable: {reason}",
        next_step="换一个更长、更不容易猜到的密码。",
        status=422,
    ),
    "PASSWORD_OVER": Explanation(
        zh="一次性密码已过期",
        en="the one-time password is no longer valid",
        next_step="请联系系统管理员重新设置。",
        status=401,
    ),
}
