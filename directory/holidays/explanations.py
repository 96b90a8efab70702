"""What is refused about holiday notices."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "HOLIDAYS_INVALID": Explanation(
        zh="{year} 年的放假安排有误：{faults}",
        en="the holidays of {year} cannot be right: {fields}",
        next_step="对照国务院办公厅的通知改正后重新提交。",
        status=422,
    ),
    "HOLIDAYS_YEAR": Explanation(
        zh="{year} 年的放假安排不在这里录入：只收 {first} 至 {last} 年",
        en="the holidays of {year} are not entered here, only those of {first} to {last}",
        next_step="核对年份。",
        status=422,
    ),
    "HOLIDAYS_UNKNOWN": Explanation(
        zh="{year} 年的放假安排尚未录入，期限暂按周一至周五计算",
        en="no holidays are entered for {year}; Monday to Friday are counted",
        next_step="请系统管理员录入国务院办公厅的通知。",
        status=404,
    ),
}
