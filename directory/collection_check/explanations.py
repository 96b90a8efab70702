"""What is refused about checks of planned forms."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "COLLECTION_INVALID": Explanation(
        zh="不能核查：{reason}",
        en="the form cannot be checked",
        next_step="写明表单名称，粘贴采集项（一行一个）或上传表单文件（xlsx、xls、csv）。",
    ),
    "COLLECTION_NOT_FOUND": Explanation(
        zh="没有核查记录 {ref}，或您不能查看",
        en="there is no check {ref}, or you may not see it",
        next_step="核对地址，或从核查记录进入。",
        status=404,
    ),
}
