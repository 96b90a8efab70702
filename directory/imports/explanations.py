"""What is refused about imports."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "IMPORT_FILE_MISSING": Explanation(
        zh="还没有选文件",
        en="no file is chosen",
        next_step="选一个工作簿（xlsx、xls、csv）或 XML，再上传。",
        next_cli="写一个工作簿（xlsx、xls、csv）或 XML 的文件名。",
        status=422,
    ),
    "IMPORT_NOT_FOUND": Explanation(
        zh="没有这次导入，或您不能查看",
        en="there is no such import, or you may not see it",
        next_step="从“导入”页的列表进入。",
        next_cli="编号用 hutong catalogue imports 查看。",
        status=404,
    ),
    "IMPORT_STATE": Explanation(
        zh="这次导入{state}，不能{what}",
        en="the import is {state_en}; this cannot be done now",
        next_step="刷新页面查看最新状态；要导入别的内容，请重新上传文件。",
        next_cli="用 hutong imports show 查看状态；要导入别的内容，请重新上传文件（hutong imports upload）。",
        status=409,
    ),
    "IMPORT_UNCHECKED": Explanation(
        zh="检查还没有完成，不能{what}",
        en="the check is not finished",
        next_step="等检查完成；接口调用者反复调用 check 直到状态为 checked。",
        status=409,
    ),
    "IMPORT_UNDO_LATE": Explanation(
        zh="导入完成已超过 {days} 天，不能整批撤回",
        en="more than {days} days have passed since the import; it can no longer be undone as a whole",
        next_step="逐条打开目录，作废草稿或恢复旧版本。",
        next_cli="逐条用 hutong catalogue discard 作废草稿，或用 hutong catalogue restore 恢复旧版本。",
        status=409,
    ),
    "IMPORT_FILE_GONE": Explanation(
        zh="导入结束 {days} 天后，文件已按规定删除",
        en="the file was removed {days} days after the import ended",
        next_step="需要时请重新上传；导入结果仍可查看。",
        status=410,
    ),
    "IMPORT_NO_COLUMNS": Explanation(
        zh="这个文件不是工作簿，没有列可以对应或修复",
        en="the file is no workbook: it has no columns to map and no cells to repair",
        next_step="直接检查并导入；要改内容，请改好文件后重新上传。",
        status=409,
    ),
    "IMPORT_CELLS_BROKEN": Explanation(
        zh="{fine}有 {count} 处单元格须先改，第一处在 {first}{known}",
        en="{fine_en}{count} cells must be mended first, the first at {first}{known}",
        next_step="{ways}在“检查与修复”里填写新值，或改好文件重新上传。",
        next_cli="{ways}用 hutong imports choose --set 填写新值，或改好文件重新导入。",
        status=409,
    ),
    "IMPORT_COLUMN_UNKNOWN": Explanation(
        zh="没有这一列，或没有这个目录要素：{column}",
        en="there is no such column or no such element: {column}",
        next_step="按返回的列和要素重新选择。",
    ),
    "IMPORT_CELL_UNKNOWN": Explanation(
        zh="没有这一处问题或这一条目录：{number}",
        en="there is no such finding or entry: {number}",
        next_step="刷新页面后重新选择；检查重做后编号会变。",
        next_cli="用 hutong imports cells 重新查看编号；检查重做后编号会变。",
    ),
    "IMPORT_NOTHING_CHOSEN": Explanation(
        zh="没有选中任何要修复的单元格",
        en="no cell was chosen to be repaired",
        next_step="勾选修复类别，或在单元格一栏填写新值后再应用。",
        next_cli="用 hutong imports choose 选定单元格，或用 hutong imports repair --fault 写明修复类别。",
    ),
}
