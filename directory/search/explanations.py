"""What is refused about searching."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "SEARCH_AWAY": Explanation(
        zh="检索暂时不可用",
        en="the search index cannot be used at the moment",
        next_step="请稍后重试；运维人员请检查 HUTONG_HOME/directory/search 的空间与权限。",
        status=503,
        is_transient=True,
    ),
    "EXPORT_TOO_MANY": Explanation(
        zh="检索结果超过 {limit} 条，不能一次导出为此格式",
        en="the search finds more than {limit} entries, too many for one file of this format",
        next_step="加筛选条件（如提供部门、基础库）分几次导出；运维人员可用 hutong catalogue export 全部导出。",
        status=413,
    ),
    "EXPORT_FORMAT_UNKNOWN": Explanation(
        zh="不能导出为 {format}；现在有 {offered}",
        en="{format} cannot be exported; there are {offered}",
        next_step="在 format 中写其中之一。",
        status=422,
    ),
    "CURSOR_INVALID": Explanation(
        zh="翻页参数 after 不是本系统给出的",
        en="the paging cursor is not one of ours",
        next_step="去掉 after 参数，从第一页开始。",
    ),
}
