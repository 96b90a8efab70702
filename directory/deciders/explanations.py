"""What is refused about who decides."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "DECIDERS_UNKNOWN": Explanation(
        zh="审批方“{names}”不是可选的，可选：{known}",
        en="{names} cannot decide; known: {known}",
        next_step="只从提供部门（provider）和信息办（office）中选。",
        status=422,
    ),
    "DECIDERS_TWICE": Explanation(
        zh="同一方写了两次：一方只有一次决定",
        en="somebody would decide twice",
        next_step="每一方只写一次；须再审一道的，写另一方。",
        status=422,
    ),
    "DECIDERS_PROVIDER": Explanation(
        zh="审批方里没有提供部门：提供部门的决定不能由规定取消（条例第二十条、第二十一条）",
        en="the provider is left out; no rule takes its decision away (Art. 20, 21)",
        next_step="把提供部门写进去，先后由您定。",
        status=422,
    ),
    "DECIDERS_PAST": Explanation(
        zh="{effective_on} 已过：新规定从今天或以后提交的申请起执行，不溯及既往",
        en="{effective_on} is past: a rule holds for what is submitted from today on",
        next_step="填今天或以后的日期。",
        status=422,
    ),
    "DECIDERS_TAKEN": Explanation(
        zh="同样条件、自 {effective_on} 起的规定已经录入",
        en="a rule of the same conditions from {effective_on} on has been entered",
        next_step="要改动的，录入一条以后起执行的。",
        status=409,
    ),
    "DECIDERS_ORG": Explanation(
        zh="没有部门 {org_code}",
        en="there is no department {org_code}",
        next_step="从名单中选一个部门，或不限部门。",
        status=422,
    ),
}
