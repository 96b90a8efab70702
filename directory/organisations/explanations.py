"""What is refused about departments and their tree."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "ORGANISATION_CYCLE": Explanation(
        zh="上级部门不能是本部门自己，也不能是本部门的下级",
        en="a department would be above itself",
        next_step="另选上级部门，或先把下级部门移到别处。",
        status=409,
    ),
    "ORGANISATION_CLOSED": Explanation(
        zh="{name}已于 {closed_on} 撤并，由{successors}承接，不再新增目录、申请和人员",
        en="{name} was closed on {closed_on}; {successors} took over",
        next_step="改以承接部门的名义办理。",
        status=409,
    ),
    "ORGANISATION_CLOSED_NOW": Explanation(
        zh="该部门已撤并，操作没有执行",
        en="the department is closed; nothing was done",
        next_step="刷新页面，以承接部门的名义重新办理。",
        next_cli="以承接部门的名义重新办理。",
        status=409,
    ),
    "ORGANISATION_CHANGED": Explanation(
        zh="{name}在您打开之后已被修改：{changed}",
        en="the department was changed since you looked: {changed}",
        next_step="核对现在的内容后重新提交。",
        status=409,
    ),
    "ORGANISATION_TREE_INVALID": Explanation(
        zh="机构表有 {count} 处问题，没有导入：{first}",
        en="the table of departments has {count} faults; nothing was imported",
        next_step="按所列的行和列逐处改正后重新导入。",
        status=422,
    ),
}
