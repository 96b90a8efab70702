"""What is refused about who is asking, and about people and departments."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "UNAUTHENTICATED": Explanation(
        zh="尚未登录，或登录已失效",
        en="not signed in, or the session has ended",
        next_step="请重新登录后再试。",
        next_cli="用 --as 写明用户名，输入密码后再试。",
        status=401,
    ),
    "LOGIN_FAILED": Explanation(
        zh="用户名或密码不正确",
        en="the user name or the password is wrong",
        next_step="核对后重新输入；忘记密码请联系本单位系统管理员。",
        status=401,
    ),
    "LOGIN_LOCKED": Explanation(
        zh="连续 {tries} 次登录失败，已暂停登录 {minutes} 分钟",
        en="{tries} failed attempts in a row; signing in is paused for {minutes} minutes",
        next_step="请稍后再试；若不是本人操作，请告知安全管理员。",
        status=429,
        is_transient=True,
    ),
    "CSRF_REFUSED": Explanation(
        zh="页面凭据已失效，本次操作没有执行",
        en="the page's CSRF token is missing or stale; nothing was done",
        next_step="请刷新页面后重新提交。",
        next_cli="重新运行该命令。",
        status=403,
    ),
    "FORBIDDEN": Explanation(
        zh="无权进行此操作：{reason}",
        en="not permitted ({action})",
        next_step="请由具有相应角色的人员办理，或联系安全管理员。",
        status=403,
    ),
    "TOKEN_SCOPE": Explanation(
        zh="访问令牌的权限不够：{reason}",
        en="the access token's scope does not cover this ({action})",
        next_step="换用范围相符的访问令牌，或由本人登录后办理。",
        next_cli="用 hutong token make 另做一个范围相符的，或由本人以 --as 办理。",
        status=403,
    ),
    "PASSWORD_ONE_TIME": Explanation(
        zh="当前是一次性密码，须先改成自己的密码",
        en="the password was made by somebody else and has to be changed first",
        next_step="打开“修改密码”（/password），改好后再继续。",
        next_cli="先用 hutong user password --as 用户名 改密码，再继续。",
        status=403,
    ),
    "SELF_APPROVAL": Explanation(
        zh="不得审批自己编写或提出的事项",
        en="nobody approves what they wrote or asked for themselves",
        next_step="请由另一位有权人员审批。",
        status=403,
    ),
    "APPROVED_ALREADY": Explanation(
        zh="您在本轮已审批过此目录，同一人不得在两级审批",
        en="you have approved this entry at an earlier stage of this round",
        next_step="请由另一位有权人员办理下一级审批。",
        status=403,
    ),
    "ACCOUNT_EXISTS": Explanation(
        zh="账号 {username} 已存在",
        en="the account {username} exists already",
        next_step="换一个用户名。",
        status=409,
    ),
    "ACCOUNT_INVALID": Explanation(
        zh="账号不符合要求：{reason}",
        en="the account is not acceptable: {reason}",
        next_step="按提示修改后重试。",
    ),
    "ROLES_EXCLUSIVE": Explanation(
        zh="系统管理员、安全管理员、审计管理员必须分设，一人只能担任其一，也不兼任业务角色",
        en="system, security and audit administrator are mutually exclusive, and hold no other role",
        next_step="为另外的角色使用另一个账号。",
        status=409,
    ),
    "ORGANISATION_EXISTS": Explanation(
        zh="部门 {name} 与已有部门的代码、名称或前段码重复",
        en="the department {name} repeats another's code, name or prefix",
        next_step="用 hutong org list 查看已有部门。",
        status=409,
    ),
    "ORGANISATION_UNKNOWN": Explanation(
        zh="没有登记部门 {org_code}",
        en="there is no department {org_code}",
        next_step="核对部门代码，或从“机构”页进入；还没有登记的，请系统管理员在“机构”页登记（命令 hutong org add）。",
        next_cli="用 hutong org list 核对部门代码；还没有登记的，请系统管理员用 hutong org add 登记。",
        status=404,
    ),
    "ORGANISATION_INVALID": Explanation(
        zh="部门信息不符合要求：{reason}",
        en="the department is not acceptable: {reason}",
        next_step="按提示修改后重试。",
    ),
}
