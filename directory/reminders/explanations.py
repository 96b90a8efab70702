"""What is refused about the rules of reminding."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "REMINDER_RULE_UNKNOWN": Explanation(
        zh="没有提醒规则 {rule_id}",
        en="there is no rule of reminding {rule_id}",
        next_step="从所列的规则中选择。",
        status=404,
    ),
    "REMINDER_DAYS": Explanation(
        zh="这条规则的天数为 {least} 至 {most}",
        en="the days of this rule are {least} to {most}",
        next_step="改正天数后重新提交。",
        status=422,
    ),
}
