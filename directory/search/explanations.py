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
    "CURSOR_INVALID": Explanation(
        zh="翻页参数 after 不是本系统给出的",
        en="the paging cursor is not one of ours",
        next_step="去掉 after 参数，从第一页开始。",
    ),
}
