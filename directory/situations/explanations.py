"""What is refused about filed situations."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "SITUATION_NOT_FOUND": Explanation(
        zh="没有立案 {situation_id}，或您不能查看",
        en="there is no filed situation {situation_id}, or you may not see it",
        next_step="从“违规情形”页进入。",
        next_cli="编号用 hutong situation list 查看。",
        status=404,
    ),
    "SITUATION_MISSING": Explanation(
        zh="还没有选是哪种情形",
        en="no situation is chosen",
        next_step="从条例第三十九条（P1–P9）、第四十条（C1–C7）所列的情形里选。",
        status=422,
    ),
    "SITUATION_UNKNOWN": Explanation(
        zh="没有情形 {named}",
        en="there is no situation {named}",
        next_step="从条例第三十九条（P1–P9）、第四十条（C1–C7）所列的情形里选。",
        status=422,
    ),
    "SITUATION_ORG": Explanation(
        zh="不能这样立案：{reason}",
        en="it cannot be filed of this department",
        next_step="写明与之有关的申请，或请信息办立案。",
        status=409,
    ),
    "SITUATION_CLOSED": Explanation(
        zh="这一件已经办结",
        en="it has been closed",
        next_step="有新的情况，另行立案。",
        status=409,
    ),
    "SITUATION_UNANSWERED": Explanation(
        zh="所涉部门还没有说明情况，不能办结",
        en="the department has not been heard yet",
        next_step="等部门答复；久不答复的，在督办中催办。",
        status=409,
    ),
    "SITUATION_OUTCOME": Explanation(
        zh="办结须写明结论：{known}",
        en="closing says with what outcome",
        next_step="选一项结论。",
        status=422,
    ),
}
