"""What is refused about complaints."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "COMPLAINT_DAY": Explanation(
        zh="收到日期 {day} 晚于今天（{last}）或过于久远",
        en="the day it came, {day}, is after {last} or too long ago",
        next_step="填写来件登记簿上的收到日期。",
        status=422,
    ),
    "COMPLAINT_ASSIGN": Explanation(
        zh="没有选择要转给哪个部门，或该部门已撤并",
        en="no department to look into it was chosen, or it was closed",
        next_step="从部门列表里选一个现有部门。",
        next_cli="部门代码用 hutong org list 查看。",
        status=422,
    ),
}
