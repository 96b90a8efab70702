"""Why 回流 is refused, and what to do."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "BACKFLOW_REGION": Explanation(
        zh="{org_name}登记的行政区划代码不能用于回流：{why}",
        en="the region code registered for {org_name} cannot be used: {why}",
        next_step="由系统管理员在部门登记中补上或改正行政区划代码。",
        status=409,
    ),
    "BACKFLOW_NOT_BELOW": Explanation(
        zh="{requester}（{lower}）不是{provider}（{upper}）的下级行政区域，不适用回流",
        en="the requester's territory does not lie below the provider's",
        next_step="同级或跨区域的数据按一般申请办理（条例第二十条）。",
        status=409,
    ),
    "BACKFLOW_ITEM": Explanation(
        zh="目录“{title}”中没有可以按行政区划筛选的数据项“{item}”；可用：{offered}",
        en="{item} of {title} does not say in which region a row is",
        next_step="从所列数据项中选择；一项也没有的，请提供部门在目录中补上行政区划数据项（标明 GB/T 2260）。",
        status=409,
    ),
    "BACKFLOW_CONDITION": Explanation(
        zh="回流不得设置额外的限制条件：{what}（条例第二十四条）",
        en="no condition may be added to what goes back to a lower territory: {what}",
        next_step="照申请同意；法律、行政法规规定不能回流的，选“不予共享”并写明法定理由。",
        status=409,
    ),
    "BACKFLOW_FILTER": Explanation(
        zh="回流的行范围由本部门的行政区划决定，不能另写",
        en="what goes back is the requester's own territory, nothing else",
        next_step="去掉行范围；要其他地区的数据，另行提出一般申请。",
        status=409,
    ),
    "BACKFLOW_FILES": Explanation(
        zh="目录“{title}”只有文件，不能按行政区划筛选行",
        en="{title} is there as files only, whose rows cannot be chosen",
        next_step="请提供部门挂接库表，或按一般申请取用整个文件。",
        status=409,
    ),
}
