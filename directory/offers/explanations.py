"""What is refused about filters offered and caps."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "FILTER_VALUE": Explanation(
        zh="筛选条件不合：{why}",
        en="the filter asks for what the item cannot hold",
        next_step="从所列的筛选方式和取值中选择；自写的条件一律不收。",
        status=409,
    ),
    "FILTER_KIND_MISSING": Explanation(
        zh="还没有选数据项和方式",
        en="no item and kind of filter are chosen",
        next_step="在“数据项和方式”里选一种，再设为可选。",
        next_cli="写明筛选方式（region、equals 或 since）。",
        status=422,
    ),
    "CAP_MALFORMED": Explanation(
        zh="“{label}”不是 1 到 {most} 的整数",
        en="{label} is not a whole number from 1 to {most}",
        next_step="只写数字，如 365；没有上限的留空。",
        status=422,
    ),
    "FILTER_NOT_OFFERED": Explanation(
        zh="提供部门没有提供这样的筛选；可选：{offered}",
        en="the provider does not offer this filter",
        next_step="从可选的筛选中选，或申请全部行；确需其他筛选的，请提供部门增设。",
        status=409,
    ),
    "CAP_EXCEEDED": Explanation(
        zh="超过目录公布的上限：{what}",
        en="more than the published caps allow: {what}",
        next_step="降低频次或缩短使用时限后重新提交。",
        status=409,
    ),
    "CAP_UNPUBLISHED": Explanation(
        zh="“{title}”公布的共享条件里没有写明上限",
        en="the published conditions of {title} say nothing of caps",
        next_step="先由提供部门把上限写进目录的共享条件并发布（条例第十五条：不得在目录之外另设条件）。",
        status=409,
    ),
    "OFFER_STANDS": Explanation(
        zh="对“{item}”已经设了这种筛选",
        en="this filter of {item} is offered already",
        next_step="要改动取值的，先撤下原来的再设。",
        status=409,
    ),
    "OFFER_NOT_FOUND": Explanation(
        zh="没有筛选 {offer_id}，或已撤下、不是本部门的",
        en="there is no such filter, or it is withdrawn or not yours",
        next_step="从目录的“可选的筛选”页进入。",
        next_cli="编号用 hutong offer list 查看。",
        status=404,
    ),
}
