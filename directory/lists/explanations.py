"""What is refused about the workbooks of the lists."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "LIST_DOUBLED": Explanation(
        zh="第 {row} 行的表头有两列同名或同义：{headers}",
        en="two columns of row {row} have the same header, or headers of one meaning",
        next_step="删去或改名其中一列后重新导入。",
    ),
    "LIST_HEADERS": Explanation(
        zh="{where}的表头缺少须有的列：{missing}",
        en="no row of the file has all the columns needed",
        next_step="用本页导出的文件作样表填写，不要改动表头。",
        next_cli="用该清单的 export 命令写出的文件作样表填写，不要改动表头。",
    ),
    "LIST_ROW": Explanation(
        zh="{place}不成立：{reason}{more}；整个文件都没有导入",
        en="row {row} cannot be taken (faults in all: {count}); nothing was imported",
        next_step="按所列各行改正后重新导入。",
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
