"""What is refused about corrections."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "CORRECTION_OWN": Explanation(
        zh="“{title}”是本部门的目录，不必提出校核申请",
        en="{title} belongs to the department that raises the correction",
        next_step="直接在本部门改正；目录有误的，从编目修改。",
        status=409,
    ),
    "CORRECTION_FROM": Explanation(
        zh="没有写明从哪一天起送出的是更正后的数据，或不在 {first} 至 {last} 之间",
        en="the day from which what is sent is right is missing, or outside {first} to {last}",
        next_step="填写更正后第一次送达的日期，有批次号的一并填写。",
        status=422,
    ),
    "CORRECTION_LEAD": Explanation(
        zh="只能转目录里登记的数源部门；现在可以转给：{offered}",
        en="it can be passed on only to a lead department of the items: {offered}",
        next_step="没有可转的数源部门时由本部门答复；目录登记有误的先改目录。",
        status=409,
    ),
    "CORRECTION_NOT_TOLD": Explanation(
        zh="这一更正没有通知本部门，无须确认",
        en="this department was not told of the correction",
        next_step="从“校核申请”列表查看通知了本部门的更正。",
        next_cli="通知了本部门的更正用 hutong correction list 查看。",
        status=409,
    ),
    "CORRECTION_ACKNOWLEDGED": Explanation(
        zh="本部门已经确认过",
        en="this department has acknowledged it already",
        next_step="无须再办；刷新页面查看其他部门是否都已确认。",
        next_cli="无须再办；其他部门是否都已确认，用 hutong correction show 查看。",
        status=409,
    ),
    "MATTER_CLOSED": Explanation(
        zh="当前“{state}”，不能再添加材料",
        en="the matter is no longer open to papers",
        next_step="需要补充的，在答复的意见里说明，或另行提出。",
        status=409,
    ),
}
