"""What is refused about responsibilities."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RESPONSIBILITY_ENTRY": Explanation(
        zh="不能指明这条目录：{reason}",
        en="this entry cannot be named",
        next_step="写责任部门自己的、未撤销的目录。",
    ),
    "RESPONSIBILITY_EXISTS": Explanation(
        zh="这个需求项已有责任部门",
        en="a department is responsible for this item already",
        next_step="先撤销或解除原来的责任，再另行确定。",
        status=409,
    ),
    "RESPONSIBILITY_INVALID": Explanation(
        zh="责任清单不成立：{reason}",
        en="the responsibility cannot be taken",
        next_step="写明责任部门、要编目的数据、职责依据和期限。",
    ),
    "RESPONSIBILITY_NOT_FOUND": Explanation(
        zh="没有责任事项 {ref}，或您不能查看",
        en="there is no responsibility {ref}, or you may not see it",
        next_step="核对地址，或从责任清单进入。",
        next_cli="编号用 hutong responsibility list 查看。",
        status=404,
    ),
    "RESPONSIBILITY_STATE": Explanation(
        zh="现在是“{state}”，不能办理“{act}”；可以办理：{offered}",
        en="{act} is not possible in this state",
        next_step="刷新页面查看最新状态。",
        next_cli="用 hutong responsibility show 查看现在的状态。",
        status=409,
    ),
}
