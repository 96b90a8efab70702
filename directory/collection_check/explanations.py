"""What is refused about checks of planned forms."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "COLLECTION_INCOMPLETE": Explanation(
        zh="没有核查：还有 {count} 条目录未比对，现在得出的“没有找到”不可靠",
        en="the form was not checked: {count} entries are not compared yet, so that nothing could be said to be new",
        next_step="约 {minutes} 分钟后重试；运维人员可执行 hutong catalogue keep-items 立即补齐。",
        status=503,
        is_transient=True,
    ),
    "COLLECTION_INVALID": Explanation(
        zh="不能核查：{reason}",
        en="the form cannot be checked",
        next_step="写明表单名称，粘贴采集项（一行一个）或上传表单文件（xlsx、xls、csv、txt）。",
        next_cli="写明表单名称，给出表单文件（xlsx、xls、csv、txt）或采集项。",
    ),
    "COLLECTION_NOT_FOUND": Explanation(
        zh="没有核查记录 {ref}，或您不能查看",
        en="there is no check {ref}, or you may not see it",
        next_step="核对地址，或从核查记录进入。",
        next_cli="编号用 hutong collection list 查看。",
        status=404,
    ),
}
