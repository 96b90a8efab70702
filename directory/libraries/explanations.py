"""What is refused about the registers of the base libraries."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "LIBRARY_UNKNOWN": Explanation(
        zh="没有名为“{name}”的基础库",
        en="there is no library {name!r}",
        next_step="可选的基础库：{known}；需要新的基础库由信息办在“基础库”页添加。",
        next_cli="可选的基础库：{known}；需要新的基础库由信息办用 hutong library add 添加。",
        status=422,
    ),
    "LIBRARY_NOT_FOUND": Explanation(
        zh="没有基础库 {name}",
        en="there is no library {name}",
        next_step="从“基础库”页进入。",
        next_cli="名称用 hutong library list 查看。",
        status=404,
    ),
    "LIBRARY_ITEM_NOT_FOUND": Explanation(
        zh="基础库 {name} 没有标准项 {field}",
        en="the library {name} has no item {field}",
        next_step="从该基础库的页面进入。",
        next_cli="标准项用 hutong library show 查看。",
        status=404,
    ),
    "LIBRARY_INVALID": Explanation(
        zh="基础库或标准项填写有误：{reason}",
        en="the library or item is not valid: {reason}",
        next_step="改正后重新提交；填写的内容保留在页面上。",
        next_cli="改正后重新提交。",
        status=422,
    ),
    "LIBRARY_EXISTS": Explanation(
        zh="已有名称或标识为“{name}”的基础库或标准项",
        en="{name} is taken",
        next_step="换一个名称，或修改原有的一项。",
        status=409,
    ),
}
