"""What is refused about changes of law or duty."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "DUTY_CHANGE_NOT_FOUND": Explanation(
        zh="没有变化报告 {ref}，或您不能查看",
        en="there is no report of a change {ref}, or you may not see it",
        next_step="核对地址，或从“法规与职责变化”列表进入。",
        next_cli="编号用 hutong duty list 查看。",
        status=404,
    ),
    "DUTY_DAY_INVALID": Explanation(
        zh="变化日期 {day} 不在可计时的范围（{first} 至 {last}）",
        en="the day {day} is outside {first} to {last}",
        next_step="填写法律施行或职责变化之日。",
    ),
    "DUTY_ENTRIES_INVALID": Explanation(
        zh="受影响的目录不成立：{reason}",
        en="the affected entries cannot be taken",
        next_step="列出同一部门未撤销的目录，每条一次；涉及几个部门的分别报告。",
    ),
    "EXTENSION_CLOSED": Explanation(
        zh="不能延期：{reason}",
        en="this term cannot be made longer",
        next_step="每项变化只能在到期前申请一次延期；其余请按期更新目录。",
        status=409,
    ),
    "EXTENSION_DECIDED": Explanation(
        zh="没有待批的延期申请",
        en="no extension waits for a decision",
        next_step="刷新页面查看最新状态。",
        next_cli="用 hutong duty show 查看结果。",
        status=409,
    ),
}
