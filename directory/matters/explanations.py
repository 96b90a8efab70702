"""What is refused about every kind of matter."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "MATTER_NOT_FOUND": Explanation(
        zh="没有编号为 {matter_id} 的{name}，或您不能查看",
        en="there is no such matter {matter_id}, or you may not see it",
        next_step="从“校核、异议与投诉”列表进入。",
        next_cli="编号用 hutong correction list、hutong objection list、hutong complaint list 查看。",
        status=404,
    ),
    "MATTER_MOVE_ILLEGAL": Explanation(
        zh="{name}当前“{state}”，不能{act}；现在可以：{legal}",
        en="the matter's state does not allow this step",
        next_step="刷新页面查看最新状态，按应走的环节办理。",
        next_cli="用 hutong correction show、objection show 或 complaint show 查看现在的状态和可办的步骤。",
        status=409,
    ),
    "MATTER_ANSWERED_BY_YOU": Explanation(
        zh="您已经答复过这一件，不能再由您答复上一级",
        en="you have answered in this matter before; another person has to",
        next_step="由本部门另一位有权限的人办理。",
        status=409,
    ),
    "MATTER_WORDS_EMPTY": Explanation(
        zh="没有写明事由",
        en="the matter is not described",
        next_step="写明哪里不对、依据是什么，再提交。",
        status=422,
    ),
}
