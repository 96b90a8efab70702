"""What is refused about demands."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "DEMAND_CHOICE": Explanation(
        zh="不能选作来源：{reason}",
        en="this cannot be chosen as the source",
        next_step="从匹配结果中选，或写已发布目录的标识符和数据项的字段名。",
    ),
    "DEMAND_CLOSED": Explanation(
        zh="这项需求已撤回或已满足",
        en="the demand is withdrawn or satisfied",
        next_step="仍有需要的，另提一份需求。",
        status=409,
    ),
    "DEMAND_INVALID": Explanation(
        zh="需求不成立：{reason}",
        en="the demand cannot be taken",
        next_step="补全后重新提交。",
    ),
    "DEMAND_LINK": Explanation(
        zh="不能关联：{reason}",
        en="this cannot be tied to the demand",
        next_step="先选定现有数据，再关联本部门对它的申请。",
    ),
    "DEMAND_NOT_FOUND": Explanation(
        zh="没有需求 {ref}，或您不能查看",
        en="there is no demand {ref}, or you may not see it",
        next_step="核对地址，或从需求清单进入。",
        next_cli="编号用 hutong demand list 查看。",
        status=404,
    ),
    "DEMAND_REQUESTED": Explanation(
        zh="这一项已经提出申请，来源不能再换",
        en="a request came of this item; its source stays",
        next_step="需要别的来源的，另提一份需求。",
        status=409,
    ),
}
