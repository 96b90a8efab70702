"""What is refused about the negative list, and because of it."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "NEGATIVE_BASIS": Explanation(
        zh="没有写明法律、行政法规或国务院决定及其条款，不能列入负面清单（条例第十四条）",
        en="nothing is listed without a law or State Council decision and its article (Art. 14)",
        next_step="写明依据的名称和条款。",
    ),
    "NEGATIVE_HELD_BACK": Explanation(
        zh="负面清单在列，不能同意提供：{items}（{law}）",
        en="the negative list in force forbids to share these items, so they cannot be agreed to: {items}",
        next_step="把所列数据项逐项选为不同意，只同意其余各项；不能只同意一部分或全部在列的，选“不予共享”；清单有误的，向信息办提出。",
        status=409,
    ),
    "NEGATIVE_INVALID": Explanation(
        zh="负面清单不成立：{reason}",
        en="the entry of the negative list cannot be taken",
        next_step="改正后重新提交。",
    ),
    "NEGATIVE_LISTED": Explanation(
        zh="在负面清单上，不能{what}：{items}（{law}）",
        en="the negative list in force does not allow this",
        next_step="去掉所列数据项，或改为不予共享、不开放；清单有误的，向信息办提出。",
        status=409,
    ),
    "NEGATIVE_NOT_FOUND": Explanation(
        zh="没有负面清单条目 {ref}，或您不能查看",
        en="there is no entry {ref} of the negative list, or you may not see it",
        next_step="核对地址，或从负面清单进入。",
        next_cli="编号用 hutong negative list 查看。",
        status=404,
    ),
    "NEGATIVE_STATE": Explanation(
        zh="这一条现在不能这样办理",
        en="this is not possible in its present state",
        next_step="刷新页面查看最新状态。",
        next_cli="用 hutong negative show 查看现在的状态。",
        status=409,
    ),
}
