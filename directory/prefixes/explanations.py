"""What is refused about prefixes and class codes."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "PREFIX_INVALID": Explanation(
        zh="“{value}”不能作前段码：须为 5 或 6 位数字或大写字母，下放的字头为 1 至 5 位",
        en="{value!r} is no prefix: five or six digits or capital letters, a stem handed down has one to five",
        next_step="改正后重新提交。",
        status=422,
    ),
    "PREFIX_TAKEN": Explanation(
        zh="前段码 {prefix} 已分配给{holder}；前段码用过即不再分配给别人",
        en="prefix {prefix} has been allotted to {holder}; a prefix is never allotted to anybody else",
        next_step="换一个没有分配过的前段码。",
        status=409,
    ),
    "PREFIX_NOT_YOURS": Explanation(
        zh="{prefix} 由{holder}分配，不由本部门分配",
        en="{prefix} is {holder}'s to allot",
        next_step="请由持有该字头的部门办理。",
        status=403,
    ),
    "PREFIX_UNKNOWN": Explanation(
        zh="没有分配过前段码 {prefix}",
        en="prefix {prefix} has not been allotted",
        next_step="在前段码登记簿中核对。",
        status=404,
    ),
    "CLASS_CODE_UNLISTED": Explanation(
        zh="类目代码 {value} 不在本地的代码表中：{reason}",
        en="class code {value} is not in the local list",
        next_step="改用表中的代码，或请信息办在“前段码与类目”页添加。",
        next_cli="改用表中的代码（hutong prefix classes），或请信息办用 hutong prefix add-class 添加。",
        status=422,
    ),
    "CLASS_CODE_INVALID": Explanation(
        zh="类目代码 {value} 不能登记：{reason}",
        en="class code {value} cannot be listed",
        next_step="代码为类 1 位、项 2 位、目 3 位、细目若干位，先登记上一级。",
        status=422,
    ),
}
