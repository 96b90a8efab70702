"""What is refused about proposals."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "PROPOSAL_NOT_FOUND": Explanation(
        zh="没有编目建议 {ref}，或您不能查看",
        en="there is no proposal {ref}, or it is not for you to see",
        next_step="在“反向编目”列表中重新选择。",
        next_cli="编号用 hutong proposal list 查看。",
        status=404,
    ),
    "PROPOSAL_BAD": Explanation(
        zh="编目建议与其所说的表不一致：{reason}",
        en="the proposal does not agree with the table it names: {reason}",
        next_step="在节点上重新运行 hutong node scan。",
    ),
    "PROPOSAL_DECIDED": Explanation(
        zh="这份编目建议已经办结（{status}）",
        en="this proposal has been decided already ({status})",
        next_step="刷新列表；如需改动，请修改已登记的目录。",
        next_cli="无须再办；如需改动，请修改已登记的目录（hutong catalogue edit）。",
        status=409,
    ),
    "PROPOSAL_SUPERSEDED": Explanation(
        zh="表 {table} 已有更新的编目建议",
        en="there is a newer proposal for {table}",
        next_step="已填写的内容已带到新的建议上，请核对后再确认。",
        status=409,
    ),
    "PROPOSAL_KNOWN": Explanation(
        zh="表 {table} 已挂接在目录“{title}”上",
        en="{table} is mounted already, by the entry {title!r}",
        next_step="如表结构有变化，请修改该目录，不要另行登记。",
        status=409,
    ),
    "PROPOSAL_CHOICE_BAD": Explanation(
        zh="还不能登记，有 {count} 处需要改正",
        en="{count} things must be put right first",
        next_step="按所列各处改正后重新确认。",
    ),
    "PROPOSAL_REASON_MISSING": Explanation(
        zh="不采纳须写明理由",
        en="declining needs a reason",
        next_step="写一句为什么不编目，如“系统内部日志表”。",
    ),
}
