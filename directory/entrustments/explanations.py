"""What is refused about entrusting."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "ENTRUSTMENT_NOT_FOUND": Explanation(
        zh="没有委托 {entrustment_id}，或您不能查看",
        en="there is no entrustment {entrustment_id}, or you may not see it",
        next_step="从“委托登记”页进入。",
        next_cli="编号用 hutong entrustment list 查看。",
        status=404,
    ),
    "ENTRUSTMENT_UNFIT": Explanation(
        zh="不能这样登记：{reason}",
        en="the entrustment cannot be entered like this",
        next_step="改正后重新登记。",
        status=422,
    ),
    "ENTRUSTMENT_STATE": Explanation(
        zh="这项委托现在是“{status}”，不能这样办理",
        en="the entrustment is not at a place where this can be done",
        next_step="先由部门负责人批准；已结束、未批准的，另行登记。",
        status=409,
    ),
}
