"""What is refused about local limits."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "RULE_UNKNOWN": Explanation(
        zh="没有期限“{rule_id}”",
        en="there is no limit {rule_id!r}",
        next_step="从“办理期限”页所列的期限中选。",
        next_cli="期限用 hutong rules list 查看。",
        status=422,
    ),
    "RULE_LONGER": Explanation(
        zh="{rule_id} 的法定期限是 {limit} 个工作日、可延长 {extension} 个；本地规定只能缩短，不能延长",
        en="the law's limit of {rule_id} is {limit} working days, {extension} more; a local one can only be shorter",
        next_step="填不超过法定期限的天数。",
        status=422,
    ),
    "RULE_PAST": Explanation(
        zh="{effective_on} 已过：本地期限从今天或以后收到的事项起执行，不溯及既往",
        en="{effective_on} is past: a local limit holds for what is received from today on",
        next_step="填今天或以后的日期。",
        status=422,
    ),
    "RULE_TAKEN": Explanation(
        zh="{rule_id} 自 {effective_on} 起的本地期限已经录入",
        en="a local limit of {rule_id} from {effective_on} on has been entered",
        next_step="要改动的，录入一条以后起执行的。",
        status=409,
    ),
}
