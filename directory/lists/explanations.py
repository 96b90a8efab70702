"""What is refused about the workbooks of the lists."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "LIST_HEADERS": Explanation(
        zh="文件里没有找到表头，须有这些列：{missing}",
        en="no row of the file has the columns needed",
        next_step="用本页导出的文件作样表填写，不要改动表头。",
        next_cli="用该清单的 export 命令写出的文件作样表填写，不要改动表头。",
    ),
    "LIST_ROW": Explanation(
        zh="第 {row} 行不成立：{reason}；整个文件都没有导入",
        en="row {row} cannot be taken; nothing was imported",
        next_step="改正这一行后重新导入。",
    ),
    "LIST_TOO_LONG": Explanation(
        zh="文件有 {count} 行，最多 {limit} 行",
        en="the file has {count} rows; {limit} at most",
        next_step="拆成几个文件导入。",
    ),
    "LIST_UNREADABLE": Explanation(
        zh="文件 {name} 不能读：{reason}",
        en="the file {name} cannot be read",
        next_step="上传 xlsx、xls 或 csv 文件。",
        next_cli="写 xlsx、xls 或 csv 文件。",
    ),
}
